using Octopoid.Core.Kinds;

namespace Octopoid.Core.Flows;

/// <summary>When a person's decision acts: once, on the task's latest attempt, and only where there is something to decide.</summary>
public static class DecisionRules
{
    /// <summary>True when a decision answers a condition that is waited for.</summary>
    /// <param name="decision">The decision; null when there is none.</param>
    /// <param name="last">The one that was acted on last.</param>
    /// <param name="attempt">The task's latest attempt, 0 before the first.</param>
    /// <param name="condition">The condition.</param>
    public static bool Answers(TaskDecision? decision, TakenDecision? last, int attempt, FlowCondition condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        return IsNew(decision, last, attempt)
            && decision is { Verdict: DecisionVerdict.Approve or DecisionVerdict.Reject }
            && (decision.Condition is null || decision.Condition == condition.Name);
    }

    /// <summary>True when a decision begins a task again that has failed or was cancelled. While <c>spec.cancel</c> stands it would be
    /// cancelled at once, so it waits until that is taken back.</summary>
    /// <param name="decision">The decision; null when there is none.</param>
    /// <param name="last">The one that was acted on last.</param>
    /// <param name="attempt">The task's latest attempt, 0 before the first.</param>
    /// <param name="state">The task's state.</param>
    /// <param name="isCancelled">True while <c>spec.cancel</c> stands.</param>
    public static bool Revives(TaskDecision? decision, TakenDecision? last, int attempt, string state, bool isCancelled) =>
        state is FlowStates.Failed or FlowStates.Cancelled
        && !isCancelled
        && decision?.Verdict == DecisionVerdict.Retry
        && IsNew(decision, last, attempt);

    private static bool IsNew(TaskDecision? decision, TakenDecision? last, int attempt) =>
        decision is not null && decision.Attempt == attempt && TakenDecision.Of(decision) != last;
}
