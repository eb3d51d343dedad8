using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;

namespace Octopoid.Core.Reporting;

/// <summary>The status of a blueprint: its pool at a glance, and the one reason why no more of it is started. Pure.</summary>
public static class BlueprintReport
{
    private const int ListedTasks = 50;

    /// <summary>The status that a blueprint should have.</summary>
    /// <param name="blueprint">The blueprint.</param>
    /// <param name="state">All that is known.</param>
    /// <param name="gate">The gate of open pull requests.</param>
    /// <param name="now">The time, for conditions that change.</param>
    public static AgentBlueprintStatus Of(AgentBlueprint blueprint, ClusterState state, PullRequestGate gate, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(blueprint);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(gate);
        var key = BlueprintRules.Key(blueprint);
        var instances = state.Ledger.CountOf(key);
        var claimable = state.Queues.CountOf(key.Namespace, BlueprintRules.Role(blueprint));
        var violation = BlueprintRules.Violation(blueprint);
        var (pool, reason, message) = violation is null
            ? Judge(blueprint, state, gate, instances, claimable)
            : (BlueprintState.Invalid, Reasons.InvalidSpec, violation);
        var troubles = state.Ledger.Slots.Where(slot => slot.Blueprint == key).Select(slot => PodTrouble.Of(slot, now)).OfType<(string Reason, string Message)>().ToList();
        if (troubles.Count > 0)
        {
            message += $" {troubles.Count} of them {(troubles.Count == 1 ? "waits" : "wait")}: {troubles[0].Reason}: {troubles[0].Message}";
        }

        var breaker = state.Breakers.FindOpen(key);
        return new AgentBlueprintStatus
        {
            ObservedGeneration = blueprint.Metadata.Generation,
            Role = BlueprintRules.Role(blueprint),
            Instances = instances,
            Idle = Math.Max(0, blueprint.Spec.MaxInstances - instances),
            Claimable = claimable,
            Selector = $"{Labels.Blueprint}={AttemptNames.LabelValue(key.Name)}",
            ActiveTasks = Active(key, state),
            State = pool,
            Reason = reason,
            Message = message,
            Conditions = Conditions.Set(
                Conditions.Set(blueprint.Status?.Conditions, Ready(blueprint, violation), now), Degraded(blueprint, breaker), breaker?.Since ?? now),
            NextProbeTime = breaker is null ? null : Conditions.WholeSecond(breaker.NextProbe),
        };
    }

    private static (BlueprintState State, string Reason, string Message) Judge(
        AgentBlueprint blueprint, ClusterState state, PullRequestGate gate, int instances, int claimable)
    {
        var name = blueprint.Metadata.Name;
        var maximum = blueprint.Spec.MaxInstances;
        if (blueprint.Spec.Paused)
        {
            return (BlueprintState.Paused, Reasons.BlueprintPaused, $"{name} is paused; {instances} of its instances still run.");
        }

        if (state.Orchestrator is not { } orchestrator)
        {
            return (BlueprintState.Paused, Reasons.NoOrchestrator, "There is no AgentOrchestrator named default, so nothing starts.");
        }

        if (orchestrator.Spec.Paused)
        {
            return (BlueprintState.Paused, Reasons.OrchestratorPaused, "The orchestrator is paused, so nothing starts.");
        }

        if (maximum == 0 && instances == 0)
        {
            return (BlueprintState.AtCapacity, Reasons.InstanceLimit, $"maxInstances of {name} is 0, so nothing of it starts.");
        }

        // Before every other limit: the probe itself may take the last slot, and what it is for must not be hidden by that.
        if (state.Breakers.FindOpen(BlueprintRules.Key(blueprint)) is { } breaker)
        {
            var next = breaker.Probe is null
                ? $"the next one is tried at {breaker.NextProbe.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}"
                : "one is being tried";
            return (BlueprintState.Degraded, Reasons.StartFailures, $"{breaker.Cause.TrimEnd('.')}; {next}.");
        }

        if (instances >= maximum)
        {
            return (BlueprintState.AtCapacity, Reasons.InstanceLimit, $"{instances} of {maximum} instances of {name} are running.");
        }

        if (claimable > 0 && state.Ledger.Count >= orchestrator.Spec.MaxConcurrent)
        {
            return (BlueprintState.AtCapacity, Reasons.ConcurrencyLimit,
                $"{state.Ledger.Count} of {orchestrator.Spec.MaxConcurrent} agents are running in the cluster.");
        }

        if (Backpressure(blueprint, state, gate) is { } block)
        {
            return (BlueprintState.Backpressured, block.Reason, block.Message);
        }

        return instances > 0
            ? (BlueprintState.Running, Reasons.InstancesRunning, $"{instances} of {maximum} instances of {name} are running.")
            : (BlueprintState.Idle, Reasons.NothingToDo, $"No task waits for {name}.");
    }

    /// <summary>What holds all tasks of the role back; null when one of them may start, or none waits.</summary>
    private static PullRequestGate.Block? Backpressure(AgentBlueprint blueprint, ClusterState state, PullRequestGate gate)
    {
        PullRequestGate.Block? first = null;
        foreach (var queue in state.Queues.OfRole(blueprint.Metadata.Namespace ?? "", BlueprintRules.Role(blueprint)))
        {
            if (!PullRequestGate.Concerns(blueprint, queue)
                || gate.Judge(new NamespacedName(queue.Namespace, queue.Repository!)) is not { } block)
            {
                return null;
            }

            first ??= block;
        }

        return first;
    }

    private static ActiveTask[] Active(NamespacedName key, ClusterState state) =>
    [
        .. state.Ledger.Slots
            .Where(slot => slot.Blueprint == key)

            // Made again under its name, a task may have two for a while; the list has one entry of a name.
            .GroupBy(slot => slot.Task.Name).Select(named => named.MaxBy(slot => slot.ClaimedAt)!)
            .OrderBy(slot => slot.ClaimedAt).ThenBy(slot => slot.Task.Name, StringComparer.Ordinal)
            .Take(ListedTasks)
            .Select(slot => new ActiveTask { Name = slot.Task.Name, Attempt = slot.Attempt, ClaimedAt = slot.ClaimedAt }),
    ];

    /// <summary>Since when, and with what next probe, is read by the leader after us.</summary>
    private static Condition Degraded(AgentBlueprint blueprint, Breakers.Breaker? breaker) => new()
    {
        Type = ConditionTypes.Degraded,
        Status = breaker is null ? ConditionStatus.False : ConditionStatus.True,
        Reason = breaker is null ? Reasons.Valid : Reasons.StartFailures,
        Message = breaker?.Cause ?? "Agents of it can be started, as far as is known.",
        ObservedGeneration = blueprint.Metadata.Generation,
    };

    private static Condition Ready(AgentBlueprint blueprint, string? violation) => new()
    {
        Type = ConditionTypes.Ready,
        Status = violation is null ? ConditionStatus.True : ConditionStatus.False,
        Reason = violation is null ? Reasons.Valid : Reasons.InvalidSpec,
        Message = violation ?? "The blueprint is valid.",
        ObservedGeneration = blueprint.Metadata.Generation,
    };
}
