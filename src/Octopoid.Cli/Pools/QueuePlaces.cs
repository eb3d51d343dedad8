using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Cli.Pools;

/// <summary>The queues as the operator has them: by its own rules, from what the API server has.</summary>
internal sealed class QueuePlaces
{
    private readonly Dictionary<string, QueuePlace> _places = [];

    private QueuePlaces()
    {
    }

    /// <summary>Puts the tasks of a snapshot into their queues.</summary>
    public static QueuePlaces Of(PoolSnapshot snapshot, DateTimeOffset now)
    {
        var state = new ClusterState();
        Fact[] facts =
        [
            .. snapshot.Blueprints.Select(blueprint => new Fact.BlueprintSeen(null, blueprint)),
            .. snapshot.Flows.Select(flow => new Fact.FlowSeen(null, flow)),
            .. snapshot.Repositories.Select(repository => new Fact.RepositorySeen(null, repository)),
            .. snapshot.Tasks.Select(task => new Fact.TaskSeen(null, ObservedTask.From(task))),
        ];
        foreach (var fact in facts)
        {
            state.Apply(fact, now);
        }

        var places = new QueuePlaces();
        var roles = snapshot.Tasks.Select(task => task.Metadata.Namespace ?? "").Distinct()
            .SelectMany(space => Roles(snapshot, space).Select(role => (Space: space, Role: role)));
        foreach (var (space, role) in roles)
        {
            places.Add(state, snapshot, space, role);
        }

        return places;
    }

    /// <summary>The place of a task; null where it waits for more than a slot, or for none.</summary>
    public QueuePlace? Find(string uid) => _places.GetValueOrDefault(uid);

    private void Add(ClusterState state, PoolSnapshot snapshot, string space, string role)
    {
        var waiting = state.Queues.OfRole(space, role).SelectMany(queue => state.Queues.In(queue)).Order(WaitingTask.Order).ToList();
        var pools = snapshot.Blueprints.Where(blueprint => blueprint.Metadata.Namespace == space && (blueprint.Spec.Role ?? blueprint.Metadata.Name) == role).ToList();

        // A pool that is said to be idle has not been looked at since the task came.
        var why = pools.Select(pool => pool.Status).FirstOrDefault(status => status is { Message: not null, State: not BlueprintState.Idle });
        foreach (var (task, index) in waiting.Select((task, index) => (task, index)))
        {
            _places[task.Uid] = new QueuePlace(
                role,
                index + 1,
                waiting.Count,
                why?.Reason,
                pools.Count == 0 ? $"No AgentBlueprint serves the role {role}." : $"Place {index + 1} of {waiting.Count} for {role}. {why?.Message}".TrimEnd());
        }
    }

    private static IEnumerable<string> Roles(PoolSnapshot snapshot, string space) =>
        snapshot.Flows.Where(flow => flow.Metadata.Namespace == space).SelectMany(flow => Core.Flows.FlowRules.Roles(flow.Spec))
            .Concat(Core.Flows.FlowRules.Roles(Core.Flows.DefaultFlow.Spec))
            .Distinct(StringComparer.Ordinal);
}
