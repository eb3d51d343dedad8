using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;

namespace Octopoid.Core.State;

/// <summary>A unit of capacity in use: one attempt of one task, from before its first write until its last pod is gone.</summary>
/// <param name="TaskUid">The task's UID.</param>
/// <param name="Task">Where the task is.</param>
/// <param name="Blueprint">The blueprint whose instance this is.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="JobName">The name of its Job.</param>
/// <param name="Phase">How far it has come.</param>
public sealed record Slot(
    string TaskUid, NamespacedName Task, NamespacedName Blueprint, int Attempt, string JobName, SlotPhase Phase)
{
    /// <summary>When it was claimed; null until the claim stands.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The repository in which the attempt may open a pull request; null when it will not.</summary>
    public NamespacedName? OpensPullRequestIn { get; init; }

    /// <summary>The whole task as the claim's answer brought it; null when the claim was found, not made: then it is read once when needed.</summary>
    public AgentTask? ClaimedTask { get; init; }

    /// <summary>How the attempt ends because its Job cannot be made; null unless it was refused.</summary>
    public AttemptEnd? Refusal { get; init; }

    /// <summary>Before this time the slot is left alone: its result was refused, or more of the attempt lives than is seen; null when neither is so.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>True once a pod of the attempt was seen: when it is gone or has ended, and the Job too, no other is to come.</summary>
    public bool HasSeenPod { get; init; }

    /// <summary>True once its Job's deletion was asked for, because the task is cancelled.</summary>
    public bool IsCancelling { get; init; }

    /// <summary>True while the API server is being asked what is left of the attempt.</summary>
    public bool IsInspecting { get; init; }

    /// <summary>True once the API server has said that nothing of the attempt runs any more.</summary>
    public bool IsConfirmedOver { get; init; }

    /// <summary>When the Job was first seen terminal or gone with no pod to tell why; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
