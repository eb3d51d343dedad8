using System.Text.Json.Serialization;
using Octopoid.Core.Kinds;
using Octopoid.Core.State.Reading;

namespace Octopoid.Core.State;

/// <summary>What is kept of a task while it waits: all that decides when and by whom it is claimed, and neither its prompt nor its past.</summary>
public sealed record ObservedTask
{
    /// <summary>Which task it is.</summary>
    public ObservedMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What was asked for.</summary>
    public TaskSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>How it stands; null only where the schema's default was not applied.</summary>
    public TaskStatus? Status { get; init; }

    /// <summary>The flow state it is in; <c>incoming</c> where nothing says otherwise.</summary>
    public string State() => Status?.State ?? FlowStates.Incoming;

    /// <summary>True when its own pull request is on record as open.</summary>
    public bool HasOpenPullRequest() => Status?.PullRequest?.State == PullRequestState.Open;

    /// <summary>The number of its own pull request, where that is on record as open; else null.</summary>
    public long? OpenPullRequest() => HasOpenPullRequest() ? Status!.PullRequest!.Number : null;

    /// <summary>What is kept of a whole task, as the answer of a write brings it.</summary>
    /// <param name="task">The task.</param>
    public static ObservedTask From(AgentTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return new ObservedTask
        {
            Metadata = new ObservedMeta
            {
                Name = task.Metadata.Name,
                Namespace = task.Metadata.Namespace ?? "",
                Uid = task.Metadata.Uid,
                ResourceVersion = task.Metadata.ResourceVersion,
                Generation = task.Metadata.Generation,
                CreationTimestamp = task.Metadata.CreationTimestamp,
                DeletionTimestamp = task.Metadata.DeletionTimestamp,
            },
            Spec = new TaskSpec
            {
                Flow = task.Spec.Flow,
                Priority = task.Spec.Priority,
                BlockedBy = task.Spec.BlockedBy,
                Repository = task.Spec.Repository,
                Suspend = task.Spec.Suspend,
                Cancel = task.Spec.Cancel,
                Decision = task.Spec.Decision,
            },
            Status = task.Status is null ? null : new TaskStatus
            {
                State = task.Status.State,
                Claim = task.Status.Claim,
                Attempt = task.Status.Attempt,
                NextEligibleTime = task.Status.NextEligibleTime,
                PullRequest = task.Status.PullRequest,
                Passed = task.Status.Passed,
                Decision = task.Status.Decision,
                Conditions = task.Status.Conditions,
            },
        };
    }

    /// <summary>The part of a task's spec that decides about its start.</summary>
    public sealed record TaskSpec
    {
        /// <summary>The name of its flow.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Flow { get; init; }

        /// <summary>Its priority; null counts as P2.</summary>
        public TaskPriority? Priority { get; init; }

        /// <summary>The tasks that must be done before it starts.</summary>
        public IReadOnlyList<string>? BlockedBy { get; init; }

        /// <summary>The name of its repository; null when it needs none.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Repository { get; init; }

        /// <summary>True while it must not be started.</summary>
        public bool Suspend { get; init; }

        /// <summary>True once it is to be cancelled.</summary>
        public bool Cancel { get; init; }

        /// <summary>A person's word on it; null where nobody has spoken.</summary>
        public TaskDecision? Decision { get; init; }
    }

    /// <summary>The part of a task's status that decides about its start.</summary>
    public sealed record TaskStatus
    {
        /// <summary>The flow state it is in.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? State { get; init; }

        /// <summary>Who works on it; null while nobody does.</summary>
        public TaskClaim? Claim { get; init; }

        /// <summary>The number of its latest attempt; null before the first.</summary>
        public int? Attempt { get; init; }

        /// <summary>Before this time it is not started again.</summary>
        public DateTimeOffset? NextEligibleTime { get; init; }

        /// <summary>Its pull request; null while it has none.</summary>
        public TaskPullRequest? PullRequest { get; init; }

        /// <summary>The conditions of its flow that are met; null where none is.</summary>
        public IReadOnlyList<PassedCondition>? Passed { get; init; }

        /// <summary>The decision that was acted on last; null where none was.</summary>
        public TakenDecision? Decision { get; init; }

        /// <summary>Its conditions; a task that has never been claimed has none. Kept because a write of one condition writes them all.</summary>
        public IReadOnlyList<Condition>? Conditions { get; init; }
    }
}
