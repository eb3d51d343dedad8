using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Outcomes;

/// <summary>The status of a task that nobody works on, once it is cancelled, a person's decision has acted, its forge has told of its pull request, or its
/// flow has taken it on. Pure.</summary>
public static class TaskSettlement
{
    /// <summary>The status that a task should have now; null when it has it, or somebody works on it.</summary>
    /// <param name="task">The task, as it was just read.</param>
    /// <param name="settle">What was decided on, by the task as it was seen.</param>
    /// <param name="limit">How many rejections the task may have in its life, a closed pull request being one: without that, agents would be sent for ever to
    /// work whose pull requests nobody wants.</param>
    /// <param name="now">The time.</param>
    public static AgentTaskStatus? Of(AgentTask task, Decision.Settle settle, int limit, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(settle);
        var (flow, claimable) = (settle.Flow, settle.Claimable);
        var before = task.Status ?? new AgentTaskStatus();
        if (before.Claim is not null)
        {
            return null;
        }

        var told = Tell(before, settle);
        var moved = Move(task, (told ?? before) with { ObservedGeneration = task.Metadata.Generation }, settle, limit, now);
        return moved is not null ? moved
            : told is not null ? (told with { ObservedGeneration = task.Metadata.Generation }).Without(ConditionTypes.Claimable).Advance(flow, limit, now)
            : claimable is not null && !FlowRules.IsTerminal(before.State ?? FlowStates.Incoming)
                ? before.With(claimable with { ObservedGeneration = task.Metadata.Generation }, now)
            : null;
    }

    /// <summary>The status once it says of the pull request what the forge does; null when that is no news, or is of another attempt than the last.</summary>
    private static AgentTaskStatus? Tell(AgentTaskStatus status, Decision.Settle settle)
    {
        if (settle.PullRequest is not { } seen
            || status.PullRequest is not { } recorded
            || recorded.Number != settle.Task.Status?.PullRequest?.Number
            || status.Attempt != settle.Task.Status?.Attempt
            || FlowRules.IsTerminal(status.State ?? FlowStates.Incoming))
        {
            return null;
        }

        // What was judged by another head is to be judged again.
        var hasMoved = recorded.HeadSHA is not null && seen.HeadSHA is not null && seen.HeadSHA != recorded.HeadSHA;
        var told = status with
        {
            PullRequest = recorded with { State = seen.State, HeadSHA = seen.HeadSHA ?? recorded.HeadSHA },
            Passed = hasMoved && seen.State == PullRequestState.Open ? [.. (status.Passed ?? []).Where(met => met.HeadSHA == seen.HeadSHA)] : status.Passed,
        };
        return told.PullRequest == recorded ? null : told;
    }

    private static AgentTaskStatus? Move(AgentTask task, AgentTaskStatus status, Decision.Settle settle, int limit, DateTimeOffset now)
    {
        var (spec, state, flow) = (task.Spec, status.State ?? FlowStates.Incoming, settle.Flow);
        if (FlowRules.IsTerminal(state))
        {
            return DecisionRules.Revives(spec.Decision, status.Decision, status.Attempt ?? 0, state, spec.Cancel) ? Revive(status, spec.Decision!, now) : null;
        }

        if (spec.Cancel)
        {
            return status.Without(ConditionTypes.Claimable).Enter(FlowStates.Cancelled, Reasons.Cancelled, "The task was cancelled.", now);
        }

        if (flow is null)
        {
            return null;
        }

        var step = status.NextStep(flow);
        var decided = step switch
        {
            FlowStep.Ask { Condition: var condition } => Decide(status, spec.Decision, condition, false, now),
            FlowStep.Merge { Condition: var condition } => Decide(status, spec.Decision, condition, !settle.HasForge, now),
            FlowStep.Move or FlowStep.Back => status,
            _ => null,
        };
        return decided is null ? null
            : FlowRules.IsTerminal(decided.State ?? "") ? decided.Without(ConditionTypes.Claimable)
            : decided.Without(ConditionTypes.Claimable).Advance(flow, limit, now);
    }

    /// <summary>A person's answer to a condition; null when there is none.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="decision">The answer.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="isNews">True when no forge tells of the pull request, so that this is the only news of it.</param>
    /// <param name="now">The time.</param>
    private static AgentTaskStatus? Decide(
        AgentTaskStatus status, TaskDecision? decision, FlowCondition condition, bool isNews, DateTimeOffset now)
    {
        if (!DecisionRules.Answers(decision, status.Decision, status.Attempt ?? 0, condition))
        {
            return null;
        }

        var isApproved = decision!.Verdict == DecisionVerdict.Approve;
        var heard = status with
        {
            Decision = TakenDecision.Of(decision),
            PullRequest = isNews
                ? status.PullRequest! with { State = isApproved ? PullRequestState.Merged : PullRequestState.Closed }
                : status.PullRequest,
        };
        return isApproved
            ? heard.Pass(condition.Name, null)
            : heard.SendBack(condition.OnFail, Reasons.Rejected, $"Condition {condition.Name} was rejected.", decision.Comment, null, now);
    }

    /// <summary>Begins again, with every budget but that of rejections, which is for life.</summary>
    private static AgentTaskStatus Revive(AgentTaskStatus status, TaskDecision decision, DateTimeOffset now) =>
        (status with
        {
            Decision = TakenDecision.Of(decision),
            Feedback = TaskMoves.AddFeedback(status.Feedback, decision.Comment ?? ""),

            // One that was closed would send it back again as soon as it gets there.
            PullRequest = status.PullRequest?.State == PullRequestState.Closed ? null : status.PullRequest,
        })
            .Without(ConditionTypes.Failed)
            .Without(ConditionTypes.Complete)
            .Enter(FlowStates.Incoming, Reasons.Retried, "A person's decision began it again.", now);
}
