using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;

namespace Octopoid.Core.State;

/// <summary>Something that has happened, as the watches and the answers of our own writes tell it. The state changes by facts alone.</summary>
public abstract record Fact
{
    private Fact()
    {
    }

    /// <summary>A task was seen: new, changed or gone.</summary>
    /// <param name="Previous">Its last known state; null when new.</param>
    /// <param name="Current">Its state now; null when gone.</param>
    public sealed record TaskSeen(ObservedTask? Previous, ObservedTask? Current) : Fact;

    /// <summary>A blueprint was seen: new, changed or gone.</summary>
    /// <param name="Previous">Its last known state; null when new.</param>
    /// <param name="Current">Its state now; null when gone.</param>
    public sealed record BlueprintSeen(AgentBlueprint? Previous, AgentBlueprint? Current) : Fact;

    /// <summary>A flow was seen: new, changed or gone.</summary>
    /// <param name="Previous">Its last known state; null when new.</param>
    /// <param name="Current">Its state now; null when gone.</param>
    public sealed record FlowSeen(AgentFlow? Previous, AgentFlow? Current) : Fact;

    /// <summary>A repository was seen: new, changed or gone.</summary>
    /// <param name="Previous">Its last known state; null when new.</param>
    /// <param name="Current">Its state now; null when gone.</param>
    public sealed record RepositorySeen(AgentRepository? Previous, AgentRepository? Current) : Fact;

    /// <summary>The orchestrator was seen: new, changed or gone.</summary>
    /// <param name="Current">Its state now; null when gone.</param>
    public sealed record OrchestratorSeen(AgentOrchestrator? Current) : Fact;

    /// <summary>A forge has said how many pull requests are open.</summary>
    /// <param name="Repository">In which repository.</param>
    /// <param name="Order">Which count this answers.</param>
    /// <param name="Count">What it said.</param>
    public sealed record PullRequestsCounted(NamespacedName Repository, long Order, PullRequestCount Count) : Fact;

    /// <summary>A forge has not said how many pull requests are open.</summary>
    /// <param name="Repository">In which repository.</param>
    /// <param name="Order">Which count this answers.</param>
    /// <param name="Failure">Why.</param>
    public sealed record PullRequestCountFailed(NamespacedName Repository, long Order, CountFailure Failure) : Fact;

    /// <summary>A Job of ours was seen: new, changed or gone.</summary>
    /// <param name="Previous">Its last known state; null when new.</param>
    /// <param name="Current">Its state now; null when gone.</param>
    public sealed record JobSeen(ObservedJob? Previous, ObservedJob? Current) : Fact;

    /// <summary>A pod of ours was seen: new, changed or gone.</summary>
    /// <param name="Previous">Its last known state; null when new.</param>
    /// <param name="Current">Its state now; null when gone.</param>
    public sealed record PodSeen(ObservedPod? Previous, ObservedPod? Current) : Fact;

    /// <summary>Tasks, Jobs and pods have been listed anew, and all that the lists brought was told: the ledger is to be compared with it.</summary>
    public sealed record AuditDue : Fact;

    /// <summary>Our claim stands.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="Task">The whole task, as the answer brought it.</param>
    public sealed record ClaimLanded(string TaskUid, int Attempt, AgentTask Task) : Fact;

    /// <summary>Our claim was refused for good: the task has changed, or is gone, or may not be written.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="ResourceVersion">The state of the task that the claim was for.</param>
    /// <param name="RetryAfter">How long to leave that state alone; a newer one may be claimed at once.</param>
    public sealed record ClaimRefused(string TaskUid, int Attempt, string ResourceVersion, TimeSpan RetryAfter) : Fact;

    /// <summary>Our Job stands, and has been seen before this.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="Task">The whole task, as it was read for the Job.</param>
    public sealed record JobLanded(string TaskUid, int Attempt, AgentTask? Task) : Fact;

    /// <summary>Our Job cannot be made, and none of ours is there.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="End">How that ends the attempt.</param>
    public sealed record JobRefused(string TaskUid, int Attempt, AttemptEnd End) : Fact;

    /// <summary>The API server was asked what is left of an attempt. What it has was seen before this.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="IsOver">True when its Job is terminal or gone, and so are all its pods.</param>
    /// <param name="QuotaExceeded">The quota that keeps its Job from getting a pod, a sentence; null when none does.</param>
    /// <param name="Pods">The pods that it has.</param>
    public sealed record Inspected(
        string TaskUid, int Attempt, bool IsOver, string? QuotaExceeded = null, IReadOnlyList<ObservedPod>? Pods = null) : Fact;

    /// <summary>The status of a task that nobody works on is written, or there was nothing left to write, or it was refused.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="RetryAfter">When to try again; null when it is over.</param>
    public sealed record SettlementEnded(string TaskUid, TimeSpan? RetryAfter) : Fact;

    /// <summary>The attempt's result is recorded, or there is nothing left to record it in.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="Attempt">The attempt.</param>
    public sealed record FinishLanded(string TaskUid, int Attempt) : Fact;

    /// <summary>The attempt's result was refused: nothing but a person's mending helps, so it is recorded later.</summary>
    /// <param name="TaskUid">The task.</param>
    /// <param name="Attempt">The attempt.</param>
    /// <param name="RetryAfter">When to try again.</param>
    public sealed record FinishRefused(string TaskUid, int Attempt, TimeSpan RetryAfter) : Fact;
}
