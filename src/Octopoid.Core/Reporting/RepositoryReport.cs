using System.Globalization;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;

namespace Octopoid.Core.Reporting;

/// <summary>The status of a repository: how many pull requests are open, how well that is known, and whether more may be opened. Pure.</summary>
public static class RepositoryReport
{
    /// <summary>A count that changes nothing is written down at most this often: a status must not cost a write with every poll.</summary>
    private static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(30);

    /// <summary>The status that a repository should have.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="state">All that is known.</param>
    /// <param name="gate">The gate of open pull requests.</param>
    /// <param name="now">The time, for conditions that change.</param>
    public static AgentRepositoryStatus Of(AgentRepository repository, ClusterState state, PullRequestGate gate, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(gate);
        var key = RepositoryRules.Key(repository);
        var (usage, block, count) = (gate.In(repository), gate.Judge(key), state.PullRequests.CountOf(key));
        var written = repository.Status;
        var isWritten = count is not null && written?.ObservedAt is { } at && written.OpenPullRequests == usage.Open && (count.At - at).Duration() < CountInterval;
        return new AgentRepositoryStatus
        {
            ObservedGeneration = repository.Metadata.Generation,
            OpenPullRequests = usage.Open,
            ReservedPullRequests = usage.Reserved,
            ObservedAt = !RepositoryRules.HasForge(repository) ? null : count is null || isWritten ? written?.ObservedAt : Conditions.WholeSecond(count.At),
            Requests = count is null || isWritten ? written?.Requests : count.Said.Requests,
            Quota = count is null || isWritten ? written?.Quota : Quota(count.Said.Quota),
            Gate = block is null ? GateState.Open : GateState.Closed,
            Reason = block?.Reason ?? Reasons.BelowLimit,
            Message = block?.Message ?? Below(repository, state, gate, usage),
            Conditions = new[] { Ready(repository, state), Fresh(repository, gate), Backpressured(block) }
                .Select(condition => condition with { ObservedGeneration = repository.Metadata.Generation })
                .Aggregate(written?.Conditions, (all, condition) => Conditions.Set(all, condition, now)),
        };
    }

    private static string Below(AgentRepository repository, ClusterState state, PullRequestGate gate, PullRequestGate.Usage here)
    {
        var all = gate.All;
        return $"{here.Open} pull requests are open and {here.Reserved} more may be opened by agents at work; "
            + $"{repository.Spec.PullRequests.MaxOpen?.ToString(CultureInfo.InvariantCulture) ?? "any number"} are allowed here, and in the cluster "
            + (state.Orchestrator?.Spec.MaxOpenPRs is { } limit ? $"{limit}, of which {all.Sum} are taken." : "any number.");
    }

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

    private static Condition Backpressured(PullRequestGate.Block? block) => new()
    {
        Type = ConditionTypes.Backpressured,
        Status = block is null ? ConditionStatus.False : ConditionStatus.True,
        Reason = block?.Reason ?? Reasons.BelowLimit,
        Message = block?.Message ?? "Agents that may open a pull request are started.",
    };

    private static RequestQuota? Quota(ForgeQuota? quota) => quota is null
        ? null
        : new RequestQuota { Limit = quota.Limit, Remaining = quota.Remaining, ResetTime = Conditions.WholeSecond(quota.Reset) };
}
