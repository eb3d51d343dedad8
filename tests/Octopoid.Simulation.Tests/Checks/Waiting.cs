using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>Whether a slot stays free beside a task that could use it: computed straight from what the server has.</summary>
internal sealed class Waiting(Simulation simulation)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, TimeSpan> _since = [];

    /// <summary>Looks now.</summary>
    public void Look()
    {
        var starving = Starving();
        foreach (var uid in _since.Keys.Where(uid => !starving.Contains(uid)).ToList())
        {
            _since.Remove(uid);
        }

        foreach (var uid in starving)
        {
            if (_since.TryAdd(uid, simulation.World.Now) || simulation.World.Now - _since[uid] <= Longest)
            {
                continue;
            }

            simulation.World.Violate("8 no free slot beside a task", $"{uid} has waited for more than {Longest.TotalSeconds} s");
            return;
        }
    }

    /// <summary>True for a task that no agent will ever take, by no fault of the operator: it has ended, or waits for one that never is done.</summary>
    public bool IsSettled(ServerObject task, int depth = 0) => task.Task.IsTerminal || depth > 20 || task.Task.BlockedBy.Any(name =>
        Find(name) is not { } blocker || (blocker.Task.State != "done" && IsSettled(blocker, depth + 1)));

    private HashSet<string> Starving()
    {
        var server = simulation.Server;
        var tasks = server.All(Resources.Tasks);
        var running = simulation.Referee.Live();
        var claimed = tasks.Where(task => task.Task.IsClaimed).ToDictionary(task => task.Uid, task => task.Task.Blueprint!);
        var holders = running.Where(attempt => !claimed.ContainsKey(attempt.TaskUid)).GroupBy(attempt => attempt.TaskUid)
            .ToDictionary(attempts => attempts.Key, attempts => attempts.First().Blueprint);
        var inUse = claimed.Concat(holders).ToList();
        if (server.Find(Resources.Orchestrators, "", "default") is not { } orchestrator
            || orchestrator.Json.Flag("spec", "paused")
            || inUse.Count >= orchestrator.Json.Number("spec", "maxConcurrent")
            || !server.All(Resources.Blueprints).Any(blueprint => !blueprint.Json.Flag("spec", "paused")
                && inUse.Count(slot => slot.Value == blueprint.Name) < blueprint.Json.Number("spec", "maxInstances")))
        {
            return [];
        }

        var clock = simulation.Leader?.Time.GetUtcNow() ?? DateTimeOffset.MaxValue;
        return [.. tasks.Where(task => IsReady(task, clock) && !holders.ContainsKey(task.Uid)).Select(task => task.Uid)];
    }

    private bool IsReady(ServerObject task, DateTimeOffset clock) =>
        task is { IsBeingDeleted: false, Task: { State: "incoming", IsClaimed: false, IsSuspended: false, IsCancelled: false } view }
        && !(view.NextEligible > clock)
        && view.BlockedBy.All(name => Find(name)?.Task.State == "done");

    private ServerObject? Find(string task) => simulation.Server.Find(Resources.Tasks, Resources.Namespace, task);
}
