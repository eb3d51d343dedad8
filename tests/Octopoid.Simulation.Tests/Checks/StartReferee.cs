using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>Holds claims of degraded blueprints to one at a time. What the status does not say yet binds nobody: a process that has not been told may claim.</summary>
internal sealed class StartReferee
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    private readonly Simulation _simulation;
    private readonly Dictionary<string, TimeSpan> _wellAt = [];
    private readonly Dictionary<string, Timeline<bool>> _degraded = [];
    private readonly Dictionary<string, long> _since = [];
    private readonly Dictionary<string, List<(string TaskUid, int Attempt)>> _probes = [];

    public StartReferee(Simulation simulation)
    {
        _simulation = simulation;
        simulation.Server.Changed += See;
    }

    /// <summary>A blueprint that is said to be degraded though an agent of it has started since, long enough ago for its status to be written; null when there is none.</summary>
    public string? FindStale() => _wellAt.FirstOrDefault(well => On(well.Key).Latest && _simulation.World.Now - well.Value > Longest).Key;

    /// <summary>A claim has landed.</summary>
    /// <param name="basis">What its process knew when it decided.</param>
    /// <param name="task">The task.</param>
    public void SeeClaim(ClaimBasis basis, ServerObject task)
    {
        var (blueprint, attempt) = (task.Task.Blueprint!, task.Task.Attempt);
        if (!_since.TryGetValue(blueprint, out var since) || basis.Blueprints < since || !On(blueprint).Since(basis.Blueprints).All(isDegraded => isDegraded))
        {
            return;
        }

        var probes = _probes[blueprint];
        if (probes.FirstOrDefault(IsUnderWay) is { TaskUid: { } other } found)
        {
            _simulation.World.Violate(
                "15 a degraded blueprint starts one agent at a time", $"{blueprint} has claimed {task.Name} while attempt {found.Attempt} of {other} has not started");
        }

        probes.Add((task.Uid, attempt));
    }

    private bool IsUnderWay((string TaskUid, int Attempt) probe) =>
        _simulation.Server.FindUid(Resources.Tasks, probe.TaskUid)?.Task.ClaimAttempt == probe.Attempt;

    private void See(LogEntry entry)
    {
        if (entry.Object.Resource == Resources.Blueprints)
        {
            var name = entry.Object.Name;
            var isDegraded = entry.After is { } after && Waiting.IsDegraded(after);
            if (isDegraded && !On(name).Latest)
            {
                _wellAt.Remove(name);
                (_since[name], _probes[name]) = (entry.Version, []);
            }

            On(name).Set(entry.Version, isDegraded);
        }
        else if (entry is { Object.Resource: Resources.Pods, After.HasStarted: true } && entry.Object.Label(Core.Kinds.Labels.Blueprint) is { } blueprint)
        {
            if (_probes.TryGetValue(blueprint, out var probes)
                && probes.Any(probe => probe.TaskUid == entry.Object.Label(Core.Kinds.Labels.TaskUid) && IsUnderWay(probe)))
            {
                _wellAt.TryAdd(blueprint, _simulation.World.Now);
            }

            // From here on it may be known to be well before its status says so.
            _since.Remove(blueprint);
        }
    }

    private Timeline<bool> On(string blueprint)
    {
        if (!_degraded.TryGetValue(blueprint, out var timeline))
        {
            _degraded[blueprint] = timeline = new Timeline<bool>(false);
        }

        return timeline;
    }
}
