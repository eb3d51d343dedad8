using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>A task's place in its queue: by priority, then age, then UID, since creation times have a resolution of one second.</summary>
/// <param name="Priority">Its priority.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="Uid">Its UID.</param>
/// <param name="StepsToDone">How many transitions it has before it.</param>
/// <param name="ClaimedState">The state that a claim moves it to.</param>
/// <param name="Condition">The condition that the claim is to review; null where it takes a transition.</param>
public sealed record WaitingTask(
    TaskPriority Priority, DateTimeOffset CreatedAt, string Uid, int StepsToDone, string ClaimedState, string? Condition = null)
{
    /// <summary>First to start first.</summary>
    public static IComparer<WaitingTask> Order { get; } = Comparer<WaitingTask>.Create(static (a, b) =>
    {
        // As numbers: an enum's own CompareTo boxes both, at every step of every search.
        var byPriority = ((int)a.Priority).CompareTo((int)b.Priority);
        var byAge = byPriority != 0 ? byPriority : a.CreatedAt.CompareTo(b.CreatedAt);
        return byAge != 0 ? byAge : string.CompareOrdinal(a.Uid, b.Uid);
    });
}
