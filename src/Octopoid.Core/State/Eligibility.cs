using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>Whether a task could start if capacity allowed, and if not, what it waits for.</summary>
public abstract record Eligibility
{
    private Eligibility()
    {
    }

    /// <summary>What a task waits for, as far as the task itself, its flow, its repository and its blockers tell.</summary>
    /// <param name="task">The task.</param>
    /// <param name="flow">Its flow; null when there is none of that name.</param>
    /// <param name="hasRepository">True when it names no repository, or one that exists.</param>
    /// <param name="isDone">Tells whether a task, by name, is done.</param>
    /// <param name="now">The time.</param>
    public static Eligibility Of(ObservedTask task, AgentFlowSpec? flow, bool hasRepository, Func<string, bool> isDone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(isDone);
        if (task.Metadata.DeletionTimestamp is not null || task.Status?.Claim is not null || FlowRules.IsTerminal(task.State()))
        {
            return new Settled();
        }

        if (task.Spec.Cancel)
        {
            return new Unwanted();
        }

        if (flow is null)
        {
            return new Held(Reasons.FlowMissing);
        }

        if (FlowRules.ClaimIn(flow, task.State()) is not { } transition)
        {
            return new Settled();
        }

        // A claim would make it done at once.
        if (FlowRules.IsTerminal(transition.To))
        {
            return new Held(Reasons.InvalidSpec);
        }

        if (task.Spec.Suspend)
        {
            return new Held(Reasons.Suspended);
        }

        if (!hasRepository)
        {
            return new Held(Reasons.RepositoryMissing);
        }

        if (task.Spec.BlockedBy is { } blockers && !blockers.All(isDone))
        {
            return new Held(Reasons.DependencyPending);
        }

        if (task.Status?.NextEligibleTime is { } time && time > now)
        {
            return new Delayed(time);
        }

        return new Ready(
            new QueueKey(task.Metadata.Namespace, transition.Agent!, task.Spec.Repository, task.HasOpenPullRequest()),
            new WaitingTask(
                task.Spec.Priority ?? TaskPriority.P2,
                task.Metadata.CreationTimestamp ?? DateTimeOffset.MinValue,
                task.Metadata.Uid,
                FlowRules.StepsToDone(flow, task.State()),
                transition.To));
    }

    /// <summary>It has started, has ended, or waits for something that no agent brings.</summary>
    public sealed record Settled : Eligibility;

    /// <summary>It is to be cancelled.</summary>
    public sealed record Unwanted : Eligibility;

    /// <summary>Something must change first.</summary>
    /// <param name="Reason">What, from <see cref="Reasons"/>.</param>
    public sealed record Held(string Reason) : Eligibility;

    /// <summary>Time must pass first.</summary>
    /// <param name="Until">Till when.</param>
    public sealed record Delayed(DateTimeOffset Until) : Eligibility;

    /// <summary>It could start.</summary>
    /// <param name="Queue">Where it waits.</param>
    /// <param name="Entry">Its place there.</param>
    public sealed record Ready(QueueKey Queue, WaitingTask Entry) : Eligibility;
}
