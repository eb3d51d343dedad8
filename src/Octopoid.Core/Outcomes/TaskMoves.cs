using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Core.Outcomes;

/// <summary>How a task goes from state to state: what each change leaves behind in its status. Pure.</summary>
internal static class TaskMoves
{
    private const int KeptChanges = 50;

    /// <summary>As the schema says. What is longer is cut: refused, it would hold up the whole status.</summary>
    private const int FeedbackLength = 2048;

    /// <summary>Takes a task into a state. Budgets begin anew there, and what was met of the old state's conditions is met no more.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="state">The state.</param>
    /// <param name="reason">Why, in a word.</param>
    /// <param name="message">The same in a sentence.</param>
    /// <param name="now">The time.</param>
    public static AgentTaskStatus Enter(this AgentTaskStatus status, string state, string reason, string message, DateTimeOffset now)
    {
        var left = status.State ?? FlowStates.Incoming;
        var entered = status with
        {
            State = state,
            Failures = 0,
            InfrastructureRetries = 0,
            Continuations = 0,
            NextEligibleTime = null,
            Passed = null,
            History = left == state ? status.History : AddChange(status, left, state, reason, now),
        };
        return entered.Tell(state, reason, message, now);
    }

    /// <summary>Adds a change of state to the history.</summary>
    public static IReadOnlyList<StateChange> AddChange(AgentTaskStatus status, string from, string to, string reason, DateTimeOffset? time) => Newest(
        [.. status.History ?? [], new StateChange { Time = time, From = from, To = to, Attempt = status.Attempt, Reason = reason }], KeptChanges);

    /// <summary>Has the conditions say what a state means: done, failed, cancelled or none of these.</summary>
    public static AgentTaskStatus Tell(this AgentTaskStatus status, string state, string reason, string message, DateTimeOffset now)
    {
        var condition = new Condition { Reason = reason, Message = message, ObservedGeneration = status.ObservedGeneration };
        return state switch
        {
            FlowStates.Done => status.With(condition with { Type = ConditionTypes.Complete, Status = ConditionStatus.True }, now),
            FlowStates.Cancelled => status.With(condition with { Type = ConditionTypes.Complete, Status = ConditionStatus.False }, now),
            FlowStates.Failed => status.With(condition with { Type = ConditionTypes.Failed, Status = ConditionStatus.True }, now),
            _ => status,
        };
    }

    /// <summary>Takes a task on through every transition that needs no agent and whose conditions are met; where it comes to rest, says what it waits for.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="flow">Its flow; null when it is gone or invalid: then the task stays where it is.</param>
    /// <param name="limit">How many rejections a task may have in its life, a closed pull request being one; null: any number.</param>
    /// <param name="now">The time.</param>
    public static AgentTaskStatus Advance(this AgentTaskStatus status, AgentFlowSpec? flow, int? limit, DateTimeOffset now)
    {
        if (flow is not null && status.Passed is { Count: > 0 } passed)
        {
            // The flow may have been edited since.
            status = status with { Passed = [.. passed.Where(met => FlowRules.Find(flow, status.State ?? FlowStates.Incoming, met.Condition ?? "") is not null)] };
        }

        // A flow has no more steps than transitions; should one be edited into a circle, it must not hold us.
        for (var step = 0; flow is not null && step <= flow.Transitions.Count; step++)
        {
            switch (status.NextStep(flow))
            {
                case FlowStep.Move { To: var to }:
                    status = status.Enter(to, Reasons.ConditionsMet, $"Every condition of {status.State} -> {to} is met.", now);
                    continue;
                case FlowStep.Back { Condition: var condition }:
                    // Without a limit, agents would be sent for ever to work whose pull request stays closed.
                    var closed = $"Pull request {status.PullRequest?.Number} was closed without a merge.";
                    return status.SendBack(condition.OnFail, Reasons.PullRequestClosed, closed, closed, limit, now);
                case FlowStep.Ask { Condition: var condition }:
                    return status.Wait(Awaits.Decision(condition, status.Attempt ?? 0), now);
                case FlowStep.Merge { Condition: var condition }:
                    return status.Wait(Awaits.Merge(condition, status.PullRequest, status.Attempt ?? 0), now);
                default:
                    return status;
            }
        }

        return status;
    }

    /// <summary>What comes next for a task by its flow.</summary>
    public static FlowStep NextStep(this AgentTaskStatus status, AgentFlowSpec flow) =>
        FlowRules.Next(flow, status.State ?? FlowStates.Incoming, status.Passed, status.PullRequest);

    /// <summary>Notes that a condition of the task's transition is met.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="condition">The condition.</param>
    /// <param name="headSHA">The head that was judged; null when that is unknown.</param>
    public static AgentTaskStatus Pass(this AgentTaskStatus status, string condition, string? headSHA) => status with
    {
        Passed =
        [
            .. (status.Passed ?? []).Where(met => met.Condition != condition),
            new PassedCondition { Condition = condition, Attempt = status.Attempt ?? 0, HeadSHA = headSHA ?? status.PullRequest?.HeadSHA },
        ],
        NextEligibleTime = null,
    };

    /// <summary>Sends a task back, its feedback the reason.</summary>
    /// <param name="status">Its status.</param>
    /// <param name="to">Where to.</param>
    /// <param name="reason">Why, in a word.</param>
    /// <param name="message">The same in a sentence.</param>
    /// <param name="comment">What the next agent is told.</param>
    /// <param name="limit">How many rejections a task may have in its life; null: a person rejects, who knows when to stop.</param>
    /// <param name="now">The time.</param>
    public static AgentTaskStatus SendBack(
        this AgentTaskStatus status, string to, string reason, string message, string? comment, int? limit, DateTimeOffset now)
    {
        var back = status with { Rejections = (status.Rejections ?? 0) + 1, Feedback = Cut(string.IsNullOrEmpty(comment) ? message : comment, FeedbackLength), Passed = null };
        return back.Rejections > limit
            ? back.Enter(FlowStates.Failed, Reasons.RejectionLimit, $"It was rejected {back.Rejections} times; {limit} are allowed.", now)
            : back.Enter(to, reason, message, now);
    }

    /// <summary>Says what a task waits for.</summary>
    public static AgentTaskStatus Wait(this AgentTaskStatus status, Eligibility.Held held, DateTimeOffset now) => status.With(
        new Condition
        {
            Type = ConditionTypes.Claimable,
            Status = ConditionStatus.False,
            Reason = held.Reason,
            Message = held.Message,
            ObservedGeneration = status.ObservedGeneration,
        },
        now);

    /// <summary>Puts a condition into a status.</summary>
    public static AgentTaskStatus With(this AgentTaskStatus status, Condition condition, DateTimeOffset now) =>
        status with { Conditions = Conditions.Set(status.Conditions, condition, now) };

    /// <summary>Takes a condition out of a status.</summary>
    public static AgentTaskStatus Without(this AgentTaskStatus status, string type) =>
        status with { Conditions = Conditions.Remove(status.Conditions, type) };

    /// <summary>What the next attempt is told: the newest first, then what was said before, as far as there is room.</summary>
    public static string? AddFeedback(string? before, string message) => Cut(
        message.Length == 0 || before?.StartsWith(message, StringComparison.Ordinal) == true ? before
        : string.IsNullOrEmpty(before) ? message
        : $"{message}\n\n{before}",
        FeedbackLength);

    /// <summary>The last items of a list.</summary>
    public static IReadOnlyList<T> Newest<T>(IReadOnlyList<T> all, int kept) => all.Count <= kept ? all : [.. all.Skip(all.Count - kept)];

    /// <summary>The first characters of a text.</summary>
    public static string? Cut(string? text, int length) =>
        text is null || text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
