using System.Text.Json.Serialization;
using Octopoid.Core.State.Reading;

namespace Octopoid.Core.State;

/// <summary>What is kept of a pod of ours.</summary>
public sealed record ObservedPod
{
    /// <summary>Whose it is.</summary>
    public ObservedChildMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>How it stands.</summary>
    public PodStatus? Status { get; init; }

    /// <summary>True when none of its containers will run again.</summary>
    public bool IsTerminal() => Status?.Phase is "Succeeded" or "Failed";

    /// <summary>The state of a container by its name; null before the kubelet has told of it.</summary>
    /// <param name="name">The name.</param>
    public ContainerState? StateOf(string name) =>
        (Status?.ContainerStatuses?.FirstOrDefault(container => container.Name == name)
            ?? Status?.InitContainerStatuses?.FirstOrDefault(container => container.Name == name))?.State;

    /// <summary>How a pod stands.</summary>
    public sealed record PodStatus
    {
        /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Phase { get; init; }

        /// <summary>Why the pod as a whole is in its phase, e.g. <c>Evicted</c>, <c>NodeLost</c>.</summary>
        public string? Reason { get; init; }

        /// <summary>The same in a sentence.</summary>
        public string? Message { get; init; }

        /// <summary>The aspects of its state.</summary>
        public IReadOnlyList<PodCondition>? Conditions { get; init; }

        /// <summary>Its containers.</summary>
        public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }

        /// <summary>Its init containers.</summary>
        public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }
    }

    /// <summary>One aspect of a pod's state.</summary>
    public sealed record PodCondition
    {
        /// <summary>Which, e.g. <c>PodScheduled</c>, <c>DisruptionTarget</c>.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Type { get; init; }

        /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Status { get; init; }

        /// <summary>Why, in a word.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Reason { get; init; }

        /// <summary>Why, in a sentence.</summary>
        public string? Message { get; init; }
    }

    /// <summary>How a container stands.</summary>
    public sealed record ContainerStatus
    {
        /// <summary>Its name.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Name { get; init; }

        /// <summary>Its state.</summary>
        public ContainerState? State { get; init; }
    }

    /// <summary>The state of a container: at most one of its members is set.</summary>
    public sealed record ContainerState
    {
        /// <summary>Set while it has not started.</summary>
        public WaitingState? Waiting { get; init; }

        /// <summary>Set while it runs.</summary>
        public RunningState? Running { get; init; }

        /// <summary>Set once it has ended.</summary>
        public TerminatedState? Terminated { get; init; }
    }

    /// <summary>Why a container has not started.</summary>
    public sealed record WaitingState
    {
        /// <summary>E.g. <c>ContainerCreating</c>, <c>ImagePullBackOff</c>.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Reason { get; init; }

        /// <summary>The same in a sentence.</summary>
        public string? Message { get; init; }
    }

    /// <summary>A container runs.</summary>
    public sealed record RunningState
    {
        /// <summary>Since when.</summary>
        public DateTimeOffset? StartedAt { get; init; }
    }

    /// <summary>How a container ended.</summary>
    public sealed record TerminatedState
    {
        /// <summary>Exit code of its process.</summary>
        public int? ExitCode { get; init; }

        /// <summary>E.g. <c>Completed</c>, <c>Error</c>, <c>OOMKilled</c>.</summary>
        public string? Reason { get; init; }

        /// <summary>Its termination message: the agent's result.</summary>
        public string? Message { get; init; }

        /// <summary>When it started.</summary>
        public DateTimeOffset? StartedAt { get; init; }

        /// <summary>When it ended.</summary>
        public DateTimeOffset? FinishedAt { get; init; }
    }
}
