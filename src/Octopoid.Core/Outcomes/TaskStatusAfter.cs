using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Reporting;

namespace Octopoid.Core.Outcomes;

/// <summary>The status of a task after its claim, and after its attempt has ended. Pure.</summary>
public static class TaskStatusAfter
{
    private const int KeptAttempts = 10;
    private const int KeptChanges = 50;

    // As the schema says. What an agent makes longer is cut: refused, it would hold up the whole result.
    private const int FeedbackLength = 2048;
    private const int BranchLength = 1024;
    private const int UrlLength = 2048;
    private const int ShaLength = 64;

    /// <summary>The conditions of a task from its claim on.</summary>
    /// <param name="conditions">Its conditions before.</param>
    /// <param name="blueprint">The name of the blueprint that claims it.</param>
    /// <param name="attempt">The attempt.</param>
    /// <param name="generation">The generation claimed.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<Condition> Claim(
        IReadOnlyList<Condition>? conditions, string blueprint, int attempt, long? generation, DateTimeOffset now) =>
        Conditions.Set(
            conditions,
            new Condition
            {
                Type = ConditionTypes.Running,
                Status = ConditionStatus.True,
                Reason = Reasons.AttemptRunning,
                Message = $"Attempt {attempt} is an instance of {blueprint}.",
                ObservedGeneration = generation,
            },
            now);

    /// <summary>The status of a task once an attempt's end is recorded.</summary>
    /// <param name="task">The task, its claim still on it.</param>
    /// <param name="end">How the attempt ended.</param>
    /// <param name="flow">Its flow; null when it is gone: then it returns to <c>incoming</c>, to wait there.</param>
    /// <param name="retry">The limits.</param>
    /// <param name="now">The time.</param>
    public static AgentTaskStatus Finish(AgentTask task, AttemptEnd end, AgentFlowSpec? flow, RetryPolicy retry, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        ArgumentNullException.ThrowIfNull(end);
        ArgumentNullException.ThrowIfNull(retry);
        var before = task.Status ?? new AgentTaskStatus();
        var claim = before.Claim ?? new TaskClaim();
        var working = before.State ?? FlowStates.Incoming;
        var from = flow is null ? FlowStates.Incoming : FlowRules.ReturnFrom(flow, working);
        var pullRequest = PullRequestAfter(before.PullRequest, end.Result);
        var next = Next(before, end, flow, retry, working, from, pullRequest, now);
        var entered = next.State == from ? [] : Changes(claim, from, working, next.State!, end, now);
        return next with
        {
            ObservedGeneration = task.Metadata.Generation,
            Claim = null,
            ClaimedBy = null,
            PullRequest = pullRequest,
            Feedback = end.Outcome == AttemptOutcome.Done ? null : Cut(end.Message.Length > 0 ? end.Message : before.Feedback, FeedbackLength),
            Attempts = Newest([.. before.Attempts ?? [], Record(claim, working, end, now)], KeptAttempts),
            History = Newest([.. before.History ?? [], .. entered], KeptChanges),
            Conditions = ConditionsAfter(before.Conditions, next.State!, claim, end, task.Metadata.Generation, now),
        };
    }

    /// <summary>The status of a task once it is cancelled while nobody works on it; null when it cannot be: it has ended, or somebody does.</summary>
    /// <param name="task">The task.</param>
    /// <param name="now">The time.</param>
    public static AgentTaskStatus? Cancel(AgentTask task, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(task);
        var before = task.Status ?? new AgentTaskStatus();
        var state = before.State ?? FlowStates.Incoming;
        if (!task.Spec.Cancel || before.Claim is not null || FlowRules.IsTerminal(state))
        {
            return null;
        }

        var change = new StateChange
        {
            Time = now, From = state, To = FlowStates.Cancelled, Attempt = before.Attempt, Reason = Reasons.Cancelled,
        };
        return before with
        {
            ObservedGeneration = task.Metadata.Generation,
            State = FlowStates.Cancelled,
            NextEligibleTime = null,
            History = Newest([.. before.History ?? [], change], KeptChanges),
        };
    }

    private static AgentTaskStatus Next(
        AgentTaskStatus before,
        AttemptEnd end,
        AgentFlowSpec? flow,
        RetryPolicy retry,
        string working,
        string from,
        TaskPullRequest? pullRequest,
        DateTimeOffset now)
    {
        if (end.Outcome == AttemptOutcome.Done)
        {
            var reached = flow is null ? working : FlowRules.Advance(flow, working, pullRequest?.State == PullRequestState.Open);
            return before with { State = reached, Failures = 0, InfrastructureRetries = 0, Continuations = 0, NextEligibleTime = null };
        }

        var again = before with { State = from, NextEligibleTime = null };
        if (end.Outcome == AttemptOutcome.Cancelled)
        {
            return again with { State = FlowStates.Cancelled };
        }

        if (end.Outcome == AttemptOutcome.NeedsContinuation)
        {
            again = again with { Continuations = (before.Continuations ?? 0) + 1 };
            return again.Continuations <= retry.MaxContinuations ? again : again with { State = FlowStates.Failed };
        }

        if (end.Class == FailureClass.Infrastructure)
        {
            again = again with { InfrastructureRetries = (before.InfrastructureRetries ?? 0) + 1 };
            return again.InfrastructureRetries <= retry.MaxInfrastructureRetries
                ? again with { NextEligibleTime = now + Backoff(retry, again.InfrastructureRetries.Value) }
                : again with { State = FlowStates.Failed };
        }

        again = again with { Failures = (before.Failures ?? 0) + 1 };
        return again.Failures < retry.MaxAttempts
            ? again with { NextEligibleTime = now + Backoff(retry, again.Failures.Value) }
            : again with { State = FlowStates.Failed };
    }

    private static TimeSpan Backoff(RetryPolicy retry, int failures) => TimeSpan.FromSeconds(
        Math.Min(retry.MaxBackoffSeconds, retry.BackoffSeconds * Math.Pow(2, Math.Min(failures - 1, 30))));

    private static TaskPullRequest? PullRequestAfter(TaskPullRequest? known, AgentResult? result) =>
        result?.PullRequestNumber is > 0
            ? new TaskPullRequest
            {
                Number = result.PullRequestNumber,
                Url = Cut(result.PullRequestUrl, UrlLength),
                State = PullRequestState.Open,
                HeadSHA = Cut(result.HeadSHA, ShaLength),
            }
            : known;

    private static TaskAttempt Record(TaskClaim claim, string working, AttemptEnd end, DateTimeOffset now) => new()
    {
        Number = claim.Attempt,
        State = working,
        Blueprint = claim.Blueprint,
        Job = claim.JobName,
        Start = claim.ClaimedAt,
        End = now,
        Outcome = end.Outcome,
        Class = end.Class,
        Reason = end.Reason,
        Branch = Cut(end.Result?.Branch, BranchLength),
        HeadSHA = Cut(end.Result?.HeadSHA, ShaLength),
        Commits = end.Result?.Commits,
        Turns = end.Result?.Turns,
        Tokens = end.Result?.Tokens,
        CostUSD = end.Result?.CostUSD,
    };

    /// <summary>The way from the state claimed in to the one reached; a claim writes no list, so its step is noted here.</summary>
    private static StateChange[] Changes(
        TaskClaim claim, string from, string working, string reached, AttemptEnd end, DateTimeOffset now) =>
    [
        new StateChange { Time = claim.ClaimedAt, From = from, To = working, Attempt = claim.Attempt, Reason = Reasons.AttemptRunning },
        .. reached == working
            ? Array.Empty<StateChange>()
            : [new StateChange { Time = now, From = working, To = reached, Attempt = claim.Attempt, Reason = end.Reason }],
    ];

    private static IReadOnlyList<Condition> ConditionsAfter(
        IReadOnlyList<Condition>? conditions, string state, TaskClaim claim, AttemptEnd end, long? generation, DateTimeOffset now)
    {
        var message = $"Attempt {claim.Attempt} ended: {end.Reason}.";
        var condition = new Condition { Reason = end.Reason, Message = message, ObservedGeneration = generation };
        var after = Conditions.Set(conditions, condition with { Type = ConditionTypes.Running, Status = ConditionStatus.False }, now);
        return state switch
        {
            FlowStates.Done => Conditions.Set(
                after, condition with { Type = ConditionTypes.Complete, Status = ConditionStatus.True }, now),
            FlowStates.Failed => Conditions.Set(
                after, condition with { Type = ConditionTypes.Failed, Status = ConditionStatus.True }, now),
            _ => after,
        };
    }

    private static IReadOnlyList<T> Newest<T>(IReadOnlyList<T> all, int kept) => all.Count <= kept ? all : [.. all.Skip(all.Count - kept)];

    private static string? Cut(string? text, int length) =>
        text is null || text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
}
