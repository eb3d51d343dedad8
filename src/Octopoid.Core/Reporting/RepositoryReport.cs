using System.Globalization;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;

namespace Octopoid.Core.Reporting;

/// <summary>The status of a repository: how many pull requests are open, how well that is known, and whether more may be opened. Pure.</summary>
public static class RepositoryReport
{
    /// <summary>The status that a repository should have; null while a leader has not heard from its forge, and so has nothing to say that the one before
    /// did not know better.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="state">All that is known.</param>
    /// <param name="gate">The gate of open pull requests.</param>
    /// <param name="now">The time, for conditions that change.</param>
    public static AgentRepositoryStatus? Of(AgentRepository repository, ClusterState state, PullRequestGate gate, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(gate);
        var key = RepositoryRules.Key(repository);
        var (hasForge, count, failure) = (RepositoryRules.HasForge(repository), state.PullRequests.CountOf(key), state.PullRequests.FailureOf(key));
        if (hasForge && count is null && failure is null && RepositoryRules.Violation(repository) is null)
        {
            return null;
        }

        var (usage, block, written) = (gate.In(repository), gate.Judge(key), repository.Status);

        // What a count has not changed is written down seldom: a status must not cost a write with every poll.
        var interval = TimeSpan.FromSeconds(repository.Spec.PullRequests.StaleAfterSeconds / 2);
        var isWritten = count is null || (written?.ObservedAt is { } at && written.OpenPullRequests == usage.Open && (count.At - at).Duration() < interval);
        return new AgentRepositoryStatus
        {
            ObservedGeneration = repository.Metadata.Generation,
            OpenPullRequests = hasForge && count is null ? written?.OpenPullRequests : usage.Open,
            ReservedPullRequests = usage.Reserved,
            ObservedAt = !hasForge ? null : isWritten ? written?.ObservedAt : Conditions.WholeSecond(count!.At),
            Requests = !hasForge ? null : isWritten ? written?.Requests : count!.Said.Requests,
            Quota = !hasForge ? null : failure?.Quota is { } left ? Quota(left) : isWritten ? written?.Quota : Quota(count!.Said.Quota),
            LastWebhookTime = written?.LastWebhookTime,
            Gate = block is null ? GateState.Open : GateState.Closed,
            Reason = block?.Reason ?? Reasons.BelowLimit,
            Message = Message(repository, state, block, usage),
            Conditions = new[] { Ready(repository, state), Fresh(repository, gate), Backpressured(block, Message(repository, state, block, usage)) }
                .Select(condition => condition with { ObservedGeneration = repository.Metadata.Generation })
                .Aggregate(written?.Conditions, (all, condition) => Conditions.Set(all, condition, now)),
        };
    }

    /// <summary>The numbers of the cluster are the orchestrator's to tell: here each of its starts would be a write for every repository.</summary>
    private static string Message(AgentRepository repository, ClusterState state, PullRequestGate.Block? block, PullRequestGate.Usage here) => block switch
    {
        { IsOfCluster: true } =>
            $"As many pull requests are open, or may be opened by agents at work, as the cluster allows: {state.Orchestrator?.Spec.MaxOpenPRs}. "
            + "The AgentOrchestrator named default tells how many.",
        { Message: var message } => message,
        null => $"{here.Open} pull requests are open and {here.Reserved} more may be opened by agents at work; "
            + $"{repository.Spec.PullRequests.MaxOpen?.ToString(CultureInfo.InvariantCulture) ?? "any number"} are allowed.",
    };

    private static Condition Ready(AgentRepository repository, ClusterState state)
    {
        var key = RepositoryRules.Key(repository);
        var (violation, failure) = (RepositoryRules.Violation(repository), state.PullRequests.FailureOf(key));
        return new Condition
        {
            Type = ConditionTypes.Ready,
            Status = violation is null && failure is null ? ConditionStatus.True : ConditionStatus.False,
            Reason = violation is not null ? Reasons.InvalidSpec : failure?.Reason ?? Reasons.Valid,
            Message = violation ?? failure?.Message ?? state.PullRequests.CountOf(key)?.Said.Notice ?? "The repository is valid.",
        };
    }

    private static Condition Fresh(AgentRepository repository, PullRequestGate gate)
    {
        var hasForge = RepositoryRules.HasForge(repository);
        var unknown = hasForge ? gate.Unknown(repository) : null;
        return new Condition
        {
            Type = ConditionTypes.CountFresh,
            Status = unknown is null ? ConditionStatus.True : ConditionStatus.False,
            Reason = unknown is not null ? Reasons.OpenPRCountUnknown : hasForge ? Reasons.Counted : Reasons.NoForge,
            Message = unknown ?? (hasForge
                ? $"The last count is younger than {repository.Spec.PullRequests.StaleAfterSeconds} s."
                : "No forge tells of pull requests: those that unfinished tasks have on record are counted, and a person's decision is the only news of them."),
        };
    }

    private static Condition Backpressured(PullRequestGate.Block? block, string message) => new()
    {
        Type = ConditionTypes.Backpressured,
        Status = block is null ? ConditionStatus.False : ConditionStatus.True,
        Reason = block?.Reason ?? Reasons.BelowLimit,
        Message = block is null ? "Agents that may open a pull request are started." : message,
    };

    private static RequestQuota? Quota(ForgeQuota? quota) => quota is null
        ? null
        : new RequestQuota { Limit = quota.Limit, Remaining = quota.Remaining, ResetTime = Conditions.WholeSecond(quota.Reset) };
}
