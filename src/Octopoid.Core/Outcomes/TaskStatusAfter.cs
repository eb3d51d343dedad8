using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Reporting;

namespace Octopoid.Core.Outcomes;

/// <summary>The status of a task after its claim, and after its attempt has ended. Pure.</summary>
public static class TaskStatusAfter
{
    private const int KeptAttempts = 10;

    // As the schema says. What an agent makes longer is cut: refused, it would hold up the whole result.
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
            Conditions.Remove(conditions, ConditionTypes.Claimable),
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
    /// <param name="flow">Its flow; null when it is gone or invalid.</param>
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
        var ended = (before with
        {
            ObservedGeneration = task.Metadata.Generation,
            Claim = null,
            ClaimedBy = null,
            NextEligibleTime = null,
            PullRequest = PullRequestAfter(before.PullRequest, end.Result),
            Attempts = TaskMoves.Newest([.. before.Attempts ?? [], Record(claim, working, end, now)], KeptAttempts),
        }).With(
            new Condition
            {
                Type = ConditionTypes.Running,
                Status = ConditionStatus.False,
                Reason = end.Reason,
                Message = $"Attempt {claim.Attempt} ended: {end.Reason}.",
                ObservedGeneration = task.Metadata.Generation,
            },
            now);
        var after = end.Outcome switch
        {
            AttemptOutcome.Done => Stepped(ended, claim) with { Failures = 0, InfrastructureRetries = 0, Continuations = 0, Feedback = null, Passed = null },
            AttemptOutcome.Approved => ended.Pass(claim.Condition ?? "", TaskMoves.Cut(end.Result?.HeadSHA, ShaLength)) with
            {
                Failures = 0, InfrastructureRetries = 0, Continuations = 0, Feedback = null,
            },
            AttemptOutcome.Rejected => ended.SendBack(
                FlowRules.Find(flow, working, claim.Condition ?? "")?.OnFail ?? FlowStates.Incoming,
                Reasons.Rejected,
                $"Condition {claim.Condition} was rejected.",
                end.Message,
                retry.MaxRejections,
                now),
            AttemptOutcome.Cancelled => Stepped(ended, claim).Enter(FlowStates.Cancelled, end.Reason, end.Message, now),
            _ => Again(ended, claim, end, retry, now),
        };
        return end.Outcome is AttemptOutcome.Done or AttemptOutcome.Approved ? after.Advance(flow, retry.MaxRejections, now) : after;
    }

    /// <summary>The status of a task whose attempt is to be made again, unless that has been done too often.</summary>
    private static AgentTaskStatus Again(AgentTaskStatus ended, TaskClaim claim, AttemptEnd end, RetryPolicy retry, DateTimeOffset now)
    {
        // Of the attempts that are allowed the first is no retry; so one failure fewer than that is forgiven.
        var (counted, used, forgiven, what) = (end.Outcome, end.Class) switch
        {
            (AttemptOutcome.NeedsContinuation, _) => (
                ended with { Continuations = (ended.Continuations ?? 0) + 1 }, (ended.Continuations ?? 0) + 1, retry.MaxContinuations, "continuations"),
            (_, FailureClass.Infrastructure) => (
                ended with { InfrastructureRetries = (ended.InfrastructureRetries ?? 0) + 1 },
                (ended.InfrastructureRetries ?? 0) + 1,
                retry.MaxInfrastructureRetries,
                "infrastructure failures"),
            _ => (ended with { Failures = (ended.Failures ?? 0) + 1 }, (ended.Failures ?? 0) + 1, retry.MaxAttempts - 1, "failures"),
        };

        // What the infrastructure did tells the next agent nothing, and must not push out what a reviewer said.
        counted = counted with
        {
            Feedback = end.Class == FailureClass.Infrastructure && counted.Feedback is not null
                ? counted.Feedback
                : TaskMoves.AddFeedback(counted.Feedback, end.Message),
        };
        if (used <= forgiven)
        {
            return counted with
            {
                State = claim.Condition is null ? claim.From ?? FlowStates.Incoming : counted.State,
                NextEligibleTime = end.Outcome == AttemptOutcome.NeedsContinuation ? null : now + Backoff(retry, used),
            };
        }

        // The budget that is spent stays to be seen.
        var spent = Stepped(counted, claim);
        return (spent with
        {
            State = FlowStates.Failed,
            Passed = null,
            History = TaskMoves.AddChange(spent, spent.State ?? FlowStates.Incoming, FlowStates.Failed, end.Reason, now),
        }).Tell(
            FlowStates.Failed,
            end.Reason,
            $"Attempt {claim.Attempt} ended: {end.Reason}. {used} {what} in this state are more than the {forgiven} that are forgiven.",
            now);
    }

    /// <summary>A claim writes no list, so the step that it took is noted once it is known to stand.</summary>
    private static AgentTaskStatus Stepped(AgentTaskStatus status, TaskClaim claim)
    {
        var working = status.State ?? FlowStates.Incoming;
        return claim.Condition is not null || claim.From is not { } from || from == working
            ? status
            : status with { History = TaskMoves.AddChange(status, from, working, Reasons.AttemptRunning, claim.ClaimedAt) };
    }

    private static TimeSpan Backoff(RetryPolicy retry, int failures) => TimeSpan.FromSeconds(
        Math.Min(retry.MaxBackoffSeconds, retry.BackoffSeconds * Math.Pow(2, Math.Min(failures - 1, 30))));

    private static TaskPullRequest? PullRequestAfter(TaskPullRequest? known, AgentResult? result) =>
        result?.PullRequestNumber is > 0
            ? new TaskPullRequest
            {
                Number = result.PullRequestNumber,
                Url = TaskMoves.Cut(result.PullRequestUrl, UrlLength),
                State = PullRequestState.Open,
                HeadSHA = TaskMoves.Cut(result.HeadSHA, ShaLength),
            }
            : known is { State: PullRequestState.Open } && result is { Outcome: AttemptOutcome.Done or AttemptOutcome.NeedsContinuation, HeadSHA: { } head }
                ? known with { HeadSHA = TaskMoves.Cut(head, ShaLength) }
            : known;

    private static TaskAttempt Record(TaskClaim claim, string working, AttemptEnd end, DateTimeOffset now) => new()
    {
        Number = claim.Attempt,
        State = working,
        Condition = claim.Condition,
        Blueprint = claim.Blueprint,
        Job = claim.JobName,
        Start = claim.ClaimedAt,
        End = now,
        Outcome = end.Outcome,
        Class = end.Class,
        Reason = end.Reason,
        Branch = TaskMoves.Cut(end.Result?.Branch, BranchLength),
        HeadSHA = TaskMoves.Cut(end.Result?.HeadSHA, ShaLength),
        Commits = end.Result?.Commits,
        Turns = end.Result?.Turns,
        Tokens = end.Result?.Tokens,
        CostUSD = end.Result?.CostUSD,
    };
}
