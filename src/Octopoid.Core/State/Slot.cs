using Octopoid.Core.Kinds;

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

    /// <summary>The whole task as the claim's answer brought it; null when the claim was found, not made: then it is read once when needed.</summary>
    public AgentTask? ClaimedTask { get; init; }

    /// <summary>Why the Job could not be made, one sentence; null unless it was refused.</summary>
    public string? Refusal { get; init; }

    /// <summary>When the Job was first seen terminal or gone with no pod to tell why; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}
