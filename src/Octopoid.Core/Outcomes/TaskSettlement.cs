using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Outcomes;

/// <summary>The status of a task that nobody works on, once it is cancelled, a person's decision has acted, or its flow has taken it on. Pure.</summary>
public static class TaskSettlement
{
    /// <summary>The status that a task should have now; null when it has it, or somebody works on it.</summary>
    /// <param name="task">The task, as it was just read.</param>
    /// <param name="flow">Its flow; null when it is gone or invalid.</param>
    /// <param name="claimable">What its condition <c>Claimable</c> should say; null when that is as it should be.</param>
    /// <param name="now">The time.</param>
    public static AgentTaskStatus? Of(AgentTask task, AgentFlowSpec? flow, Condition? claimable, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        var before = task.Status ?? new AgentTaskStatus();
        if (before.Claim is not null)
        {
            return null;
        }

        var moved = Move(task, before with { ObservedGeneration = task.Metadata.Generation }, flow, now);
        return moved is not null ? moved
            : claimable is not null && !FlowRules.IsTerminal(before.State ?? FlowStates.Incoming)
                ? before.With(claimable with { ObservedGeneration = task.Metadata.Generation }, now)
            : null;
    }

    private static AgentTaskStatus? Move(AgentTask task, AgentTaskStatus status, AgentFlowSpec? flow, DateTimeOffset now)
    {
        var (spec, state) = (task.Spec, status.State ?? FlowStates.Incoming);
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
            FlowStep.Ask { Condition: var condition } => Decide(status, spec.Decision, condition, now),
            FlowStep.Merge { Condition: var condition } => Decide(status, spec.Decision, condition, now),
            FlowStep.Move or FlowStep.Back => status,
            _ => null,
        };
        return decided is null ? null
            : FlowRules.IsTerminal(decided.State ?? "") ? decided.Without(ConditionTypes.Claimable)
            : decided.Without(ConditionTypes.Claimable).Advance(flow, null, now);
    }

    /// <summary>A person's answer to a condition; null when there is none.</summary>
    private static AgentTaskStatus? Decide(AgentTaskStatus status, TaskDecision? decision, FlowCondition condition, DateTimeOffset now)
    {
        if (!DecisionRules.Answers(decision, status.Decision, status.Attempt ?? 0, condition))
        {
            return null;
        }

        var isApproved = decision!.Verdict == DecisionVerdict.Approve;
        var heard = status with
        {
            Decision = TakenDecision.Of(decision),

            // Where no forge tells of it, this is the only news of the pull request.
            PullRequest = condition.PullRequestMerged == true
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
