using System.Text.Json.Nodes;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>Whether a slot stays free beside a task that could use it, a task is not taken on that should be, or one does not say what it waits for:
/// computed straight from what the server has.</summary>
internal sealed class Waiting(Simulation simulation)
{
    private const string Free = "8 no free slot beside a task";
    private const string Due = "8 what is due is done";
    private const string Open = "16 a gate with room is open";
    private const string News = "18 a task is told how its pull request stands";
    private const string Told = "8 a task tells what it waits for";

    private readonly Dictionary<(string Uid, string What), TimeSpan> _since = [];

    /// <summary>Looks now.</summary>
    public void Look()
    {
        var late = Late().ToHashSet();
        foreach (var one in _since.Keys.Where(one => !late.Contains(one)).ToList())
        {
            _since.Remove(one);
        }

        foreach (var (uid, what) in late)
        {
            if (!_since.TryAdd((uid, what), simulation.World.Now) && simulation.World.Now - _since[(uid, what)] > Longest(what))
            {
                var task = simulation.Server.FindUid(Resources.Tasks, uid)!;
                simulation.World.Violate(what, $"{uid} has waited for more than {Longest(what).TotalSeconds} s: {task.Json.ToJsonString()}");
                return;
            }
        }
    }

    /// <summary>True for a task that no agent will ever take, by no fault of the operator: it has ended, or waits for one that never is done.</summary>
    public bool IsSettled(ServerObject task, int depth = 0) => task.Task.IsTerminal || depth > 20 || task.Task.BlockedBy.Any(name =>
        Find(name) is not { } blocker || (blocker.Task.State != "done" && IsSettled(blocker, depth + 1)));

    /// <summary>What is so for two seconds is told, and a write takes its time. What a forge tells, it tells with the next count, and takes its time, too.</summary>
    private static TimeSpan Longest(string what) => TimeSpan.FromSeconds(what switch { Told => 8, Open or News => 25, _ => 5 });

    private IEnumerable<(string Uid, string What)> Late()
    {
        var server = simulation.Server;
        var tasks = server.All(Resources.Tasks);
        var running = simulation.Referee.Live();
        var claimed = tasks.Where(task => task.Task.IsClaimed).ToDictionary(task => task.Uid, task => task.Task.Blueprint!);
        var holders = running.Where(attempt => !claimed.ContainsKey(attempt.TaskUid)).GroupBy(attempt => attempt.TaskUid)
            .ToDictionary(attempts => attempts.Key, attempts => attempts.First().Blueprint);
        var inUse = claimed.Concat(holders).ToList();
        var isOpen = server.Find(Resources.Orchestrators, "", "default") is { } orchestrator
            && !orchestrator.Json.Flag("spec", "paused")
            && inUse.Count < orchestrator.Json.Number("spec", "maxConcurrent");
        var rooms = new Dictionary<string, bool>();
        var free = server.All(Resources.Blueprints)
            .Where(blueprint => isOpen && !blueprint.Json.Flag("spec", "paused") && !IsDegraded(blueprint)
                && inUse.Count(slot => slot.Value == blueprint.Name) < blueprint.Json.Number("spec", "maxInstances"))
            .ToLookup(blueprint => blueprint.Json.Text("spec", "role"));
        var clock = simulation.Leader?.Time.GetUtcNow() ?? DateTimeOffset.MaxValue;
        foreach (var task in tasks.Where(task => task is { IsBeingDeleted: false, Task.IsClaimed: false } && !holders.ContainsKey(task.Uid)))
        {
            var (isDue, role, isDelayed) = Stand(task, clock);
            if (isDue)
            {
                yield return (task.Uid, Due);
            }
            else if (role is not null && !isDelayed && free.Contains(role))
            {
                // A repair passes the gate, once a count has said that the pull request is open.
                var isRepair = task.Task.PullRequest == "open";
                var repository = task.Json.Text("spec", "repository");
                if (repository is null || (isRepair && !simulation.PullRequestReferee.HasForge(repository)) || simulation.PullRequestReferee.IsUnlimited(repository) || free[role].Any(one => one.Json.At("spec", "opensPullRequests")?.GetValue<bool>() == false))
                {
                    yield return (task.Uid, Free);
                }
                else if (isRepair || HasRoom(repository))
                {
                    yield return (task.Uid, Open);
                }
            }

            if (!task.Task.IsTerminal && simulation.PullRequestReferee.HasNews(task))
            {
                yield return (task.Uid, News);
            }

            if (!isDue && !isDelayed && !task.Task.IsTerminal && (role is null) != (task.Task.WaitsFor is not null))
            {
                yield return (task.Uid, Told);
            }
        }

        bool HasRoom(string repository) => rooms.TryGetValue(repository, out var room) ? room : rooms[repository] = simulation.PullRequestReferee.HasRoom(repository);
    }

    /// <summary>True while a blueprint is said to start one agent at a time, at its own pace.</summary>
    public static bool IsDegraded(ServerObject blueprint) =>
        blueprint.Json.Items("status", "conditions").Any(condition => condition.Text("type") == "Degraded" && condition.Text("status") == "True");

    /// <summary>How a task stands that nobody works on: whether a write is due; else which role could work on it, if any; and whether it waits for time alone.</summary>
    private (bool IsDue, string? Role, bool IsDelayed) Stand(ServerObject task, DateTimeOffset clock)
    {
        var view = task.Task;
        if (view.IsTerminal)
        {
            return (view.State != "done" && !view.IsCancelled && IsSaid(task, word => word.Text("verdict") == "retry"), null, false);
        }

        if (view.IsCancelled)
        {
            return (true, null, false);
        }

        var (turn, way, condition) = simulation.Flows.Of(task)?.Next(view.State, view.Passed, view.PullRequest) ?? (FlowView.Turn.Astray, null, null);
        var role = turn switch { FlowView.Turn.Work => way!.Agent, FlowView.Turn.Review => condition!.Agent, _ => null };
        var isHeld = view.IsSuspended || IsHomeless(task) || view.BlockedBy.Any(name => Find(name)?.Task.State != "done");
        var isDue = turn is FlowView.Turn.Move or FlowView.Turn.Back
            || (turn is FlowView.Turn.Ask or FlowView.Turn.Merge
                && IsSaid(task, word => word.Text("verdict") != "retry" && (word.Text("condition") is not { } meant || meant == condition!.Name)));
        return (isDue, isHeld ? null : role, view.NextEligible > clock);
    }

    /// <summary>True when its repository is missing.</summary>
    private bool IsHomeless(ServerObject task) => task.Json.Text("spec", "repository") is { } repository
        && simulation.Server.Find(Resources.Repositories, Resources.Namespace, repository) is null;

    /// <summary>True when a person's word on the latest attempt has not been heard yet.</summary>
    private static bool IsSaid(ServerObject task, Func<JsonObject, bool> means) => task.Json.At("spec", "decision") is JsonObject word
        && word.Number("attempt") == task.Task.Attempt
        && means(word)
        && !JsonNode.DeepEquals(word, task.Json.At("status", "decision"));

    private ServerObject? Find(string task) => simulation.Server.Find(Resources.Tasks, Resources.Namespace, task);
}
