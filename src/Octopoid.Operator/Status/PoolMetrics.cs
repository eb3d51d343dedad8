using System.Diagnostics.Metrics;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Operator.Status;

/// <summary>What the leader's pool looks like, for who scrapes: slots, waiting tasks, the cluster's limits. Another process says nothing of it.</summary>
/// <remarks>The loop leaves a picture here with each of its reports, at most one a second; scrapes read the last one and never touch the state.</remarks>
internal sealed class PoolMetrics
{
    private Picture? _picture;

    public PoolMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("octopoid");
        OfBlueprints("octopoid.slots.occupied", "Instances that hold a slot.", blueprint => blueprint.Status.Instances ?? 0);
        OfBlueprints("octopoid.slots.starting", "Of these, those whose claim or Job is not made yet.", blueprint => blueprint.Starting);
        OfBlueprints("octopoid.slots.limit", "How many instances there may be: maxInstances.", blueprint => blueprint.Limit);
        OfBlueprints("octopoid.blueprint.claimable", "Tasks that wait for the blueprint's role and for nothing else but capacity.", blueprint => blueprint.Status.Claimable ?? 0);
        Observe("octopoid.blueprint.state", "1 for the state that the blueprint's pool is in, with its one reason.", picture => picture.Blueprints.Select(blueprint =>
            new Measurement<int>(1, [.. Labels(blueprint.Key), new("state", $"{blueprint.Status.State}"), new("reason", blueprint.Status.Reason)])));
        Observe("octopoid.tasks.waiting", "Tasks that wait, by what for; Claimable: they could start now.", picture => picture.Waiting.Select(row =>
            new Measurement<int>(row.Tasks, new("namespace", row.Namespace), new("role", row.Role), new("blueprint", row.Blueprints), new("reason", row.Reason))));
        OfCluster("octopoid.cluster.slots.occupied", "Agents that hold a slot, in the whole cluster.", picture => picture.Occupied);
        OfCluster("octopoid.cluster.slots.limit", "How many agents may run at once: maxConcurrent.", picture => picture.Orchestrator?.MaxConcurrent);
        OfCluster("octopoid.cluster.pull_requests.open", "Pull requests of the pool that are open, in all repositories.", picture => picture.PullRequests.Open);
        OfCluster("octopoid.cluster.pull_requests.reserved", "How many more may be opened by agents at work.", picture => picture.PullRequests.Reserved);
        OfCluster("octopoid.cluster.pull_requests.limit", "How many may be open: maxOpenPRs; absent where there is no limit.", picture => picture.Orchestrator?.MaxOpenPRs);
        OfCluster("octopoid.cluster.gate.closed", "1 while the cluster's limit of open pull requests holds starts back.", picture => picture.PullRequests.Sum >= picture.Orchestrator?.MaxOpenPRs ? 1 : 0);

        void Observe(string name, string description, Func<Picture, IEnumerable<Measurement<int>>> read) => meter.CreateObservableGauge(
            name, () => Volatile.Read(ref _picture) is { } picture ? read(picture) : [], description: description);

        void OfBlueprints(string name, string description, Func<Blueprint, int> read) => Observe(name, description, picture =>
            picture.Blueprints.Select(blueprint => new Measurement<int>(read(blueprint), Labels(blueprint.Key))));

        void OfCluster(string name, string description, Func<Picture, int?> read) => Observe(name, description, picture =>
            read(picture) is { } value ? [new Measurement<int>(value)] : []);
    }

    /// <summary>Takes in how the pool stands.</summary>
    /// <param name="state">All that is known.</param>
    /// <param name="statuses">What is told of each blueprint.</param>
    /// <param name="gate">The gate of open pull requests.</param>
    public void Report(
        ClusterState state,
        IReadOnlyCollection<(AgentBlueprint Blueprint, AgentBlueprintStatus Status)> statuses,
        PullRequestGate gate)
    {
        var starting = state.Ledger.Slots.Where(slot => slot.Phase is SlotPhase.Claiming or SlotPhase.Claimed or SlotPhase.Creating && !slot.HasSeenPod)
            .CountBy(slot => slot.Blueprint).ToDictionary();
        Volatile.Write(ref _picture, new Picture(
            [
                .. statuses.Select(entry => (Key: BlueprintRules.Key(entry.Blueprint), entry.Blueprint, entry.Status)).Select(
                    entry => new Blueprint(entry.Key, entry.Blueprint.Spec.MaxInstances, starting.GetValueOrDefault(entry.Key), entry.Status)),
            ],
            WaitingReport.Of(state, statuses, gate),
            state.Ledger.Count,
            gate.All,
            state.Orchestrator?.Spec));
    }

    /// <summary>Forgets all: another process leads, and tells.</summary>
    public void Clear() => Volatile.Write(ref _picture, null);

    private static KeyValuePair<string, object?>[] Labels(NamespacedName blueprint) =>
        [new("namespace", blueprint.Namespace), new("blueprint", blueprint.Name)];

    private sealed record Picture(
        IReadOnlyList<Blueprint> Blueprints,
        IReadOnlyList<WaitingReport.Row> Waiting,
        int Occupied,
        PullRequestGate.Usage PullRequests,
        AgentOrchestratorSpec? Orchestrator);

    private sealed record Blueprint(NamespacedName Key, int Limit, int Starting, AgentBlueprintStatus Status);
}
