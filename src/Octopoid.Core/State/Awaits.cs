using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>What a task waits for that no agent brings, as its status tells it.</summary>
internal static class Awaits
{
    /// <summary>A person's answer.</summary>
    /// <param name="condition">The condition to be answered.</param>
    /// <param name="attempt">The task's latest attempt.</param>
    public static Eligibility.Held Decision(FlowCondition condition, int attempt) => new(
        Reasons.AwaitsDecision,
        $"Condition {condition.Name} waits for a person: set spec.decision to {{attempt: {attempt}, verdict: approve}}, or reject with a comment.");

    /// <summary>A merge.</summary>
    /// <param name="condition">The condition that asks for it.</param>
    /// <param name="pullRequest">The pull request.</param>
    /// <param name="attempt">The task's latest attempt.</param>
    public static Eligibility.Held Merge(FlowCondition condition, TaskPullRequest? pullRequest, int attempt) => new(
        Reasons.AwaitsMerge,
        $"Condition {condition.Name} waits for pull request {pullRequest?.Number} to be merged; where no forge tells of it, "
        + $"spec.decision does: {{attempt: {attempt}, verdict: approve}}.");
}
