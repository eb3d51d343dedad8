using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;

namespace Octopoid.Core.Reporting;

/// <summary>The status of the orchestrator: how much runs, how much waits, and who decides. Pure.</summary>
public static class OrchestratorReport
{
    /// <summary>The status that the orchestrator should have.</summary>
    /// <param name="orchestrator">The orchestrator.</param>
    /// <param name="state">All that is known.</param>
    /// <param name="gate">The gate of open pull requests.</param>
    /// <param name="holder">The identity of the process that decides.</param>
    /// <param name="version">Its version.</param>
    /// <param name="now">The time, for conditions that change.</param>
    public static AgentOrchestratorStatus Of(
        AgentOrchestrator orchestrator, ClusterState state, PullRequestGate gate, string holder, string version, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(gate);
        var generation = orchestrator.Metadata.Generation;
        var ready = new Condition
        {
            Type = ConditionTypes.Ready,
            Status = ConditionStatus.True,
            Reason = Reasons.Valid,
            Message = $"{holder} claims tasks and starts agents.",
            ObservedGeneration = generation,
        };
        var paused = new Condition
        {
            Type = ConditionTypes.Paused,
            Status = orchestrator.Spec.Paused ? ConditionStatus.True : ConditionStatus.False,
            Reason = orchestrator.Spec.Paused ? Reasons.OrchestratorPaused : Reasons.Valid,
            Message = orchestrator.Spec.Paused ? "Nothing starts until spec.paused is false." : "Tasks are started as the limits allow.",
            ObservedGeneration = generation,
        };
        return new AgentOrchestratorStatus
        {
            ObservedGeneration = generation,
            Running = state.Ledger.Count,
            OpenPullRequests = gate.All.Open,
            Pending = state.Queues.Count,
            Holder = holder,
            Version = version,
            Conditions = new[] { ready, paused, Backpressured(orchestrator, gate.All), Degraded(orchestrator, state) }
                .Aggregate(orchestrator.Status?.Conditions, (all, condition) => Conditions.Set(all, condition, now)),
        };
    }

    private static Condition Degraded(AgentOrchestrator orchestrator, ClusterState state)
    {
        var degraded = state.Blueprints.Select(BlueprintRules.Key).Where(key => state.Breakers.FindOpen(key) is not null).Select(key => key.ToString()).Order().ToList();
        return new Condition
        {
            Type = ConditionTypes.Degraded,
            Status = degraded.Count > 0 ? ConditionStatus.True : ConditionStatus.False,
            Reason = degraded.Count > 0 ? Reasons.StartFailures : Reasons.Valid,
            Message = degraded.Count > 0
                ? $"{degraded.Count} of {state.Blueprints.Count} blueprints cannot start agents: {string.Join(", ", degraded.Take(5))}."
                : "No blueprint is known to be unable to start agents.",
            ObservedGeneration = orchestrator.Metadata.Generation,
        };
    }

    private static Condition Backpressured(AgentOrchestrator orchestrator, PullRequestGate.Usage usage)
    {
        var limit = orchestrator.Spec.MaxOpenPRs;
        var isFull = usage.Sum >= limit;
        var count = $"{usage.Open} pull requests are open and {usage.Reserved} more may be opened by agents at work";
        return new Condition
        {
            Type = ConditionTypes.Backpressured,
            Status = isFull ? ConditionStatus.True : ConditionStatus.False,
            Reason = isFull ? Reasons.OpenPRLimit : Reasons.Valid,
            Message = limit is null ? $"{count}; there is no limit." : $"{count}; {limit} are allowed.",
            ObservedGeneration = orchestrator.Metadata.Generation,
        };
    }
}
