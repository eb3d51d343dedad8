namespace Octopoid.Core.Kinds;

/// <summary>Where a task stands. A task that only waits for room is never written to.</summary>
public sealed record AgentTaskStatus
{
    /// <summary>The generation of the spec that this was judged by.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The task's state in its flow; the fixed ones are in <see cref="FlowStates"/>.</summary>
    public string? State { get; init; }

    /// <summary>The blueprint whose agent works on it.</summary>
    public string? ClaimedBy { get; init; }

    /// <summary>The claim, whole or absent.</summary>
    public TaskClaim? Claim { get; init; }

    /// <summary>
    /// The task's run number: one more with every claim of any kind, never used twice. It names Job, label, log and result.
    /// </summary>
    public int? Attempt { get; init; }

    /// <summary>Failures of the task itself in this state.</summary>
    public int? Failures { get; init; }

    /// <summary>Failures in this state that were not the task's fault.</summary>
    public int? InfrastructureRetries { get; init; }

    /// <summary>Times in this state that an agent asked for another run.</summary>
    public int? Continuations { get; init; }

    /// <summary>Times that a review, a person or a closed pull request sent the task back, in its whole life.</summary>
    public int? Rejections { get; init; }

    /// <summary>The newest 10 attempts, oldest first.</summary>
    public IReadOnlyList<TaskAttempt>? Attempts { get; init; }

    /// <summary>The conditions of the waiting transition that are met already.</summary>
    public IReadOnlyList<PassedCondition>? Passed { get; init; }

    /// <summary>The decision that was acted on last: the same one does not act again.</summary>
    public TakenDecision? Decision { get; init; }

    /// <summary>Given to the next attempt, at most 2,048 characters.</summary>
    public string? Feedback { get; init; }

    /// <summary>The task's pull request.</summary>
    public TaskPullRequest? PullRequest { get; init; }

    /// <summary>Not claimed before this moment.</summary>
    public DateTimeOffset? NextEligibleTime { get; init; }

    /// <summary>The newest 50 changes of state, oldest first.</summary>
    public IReadOnlyList<StateChange>? History { get; init; }

    /// <summary>The aspects of the state, one each.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
