using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>Does what a plan says: as the users of the cluster, and as whatever disturbs it.</summary>
internal sealed class Users(Simulation simulation)
{
    /// <summary>The word for a task of the default flow whose agent opens a pull request, where it has a repository.</summary>
    public const string Opens = "opens";

    private const string Actor = "user";

    private readonly ApiServer _server = simulation.Server;
    private readonly Person _person = new(simulation);
    private readonly Maintainers _maintainers = new(simulation);

    /// <summary>Makes what there is at the beginning.</summary>
    public void SetUp(Setup setup)
    {
        foreach (var pool in setup.Blueprints)
        {
            CreateBlueprint(pool);
        }

        if (setup.Flow is { } text)
        {
            WriteFlow(text);
        }

        _server.Create(
            Resources.Repositories,
            new JsonObject { ["metadata"] = Meta("repo"), ["spec"] = new JsonObject { ["url"] = "https://example.com/repo.git" } },
            Actor);
        if (setup.MaxConcurrent is { } cap)
        {
            CreateOrchestrator(cap);
        }

        _maintainers.SetUp(setup);
    }

    /// <summary>From here on nothing is in the way any more. What is as it should be is not touched: no change of an object must be what wakes
    /// the operator.</summary>
    public void MakePeace(Setup setup)
    {
        simulation.World.Note("PEACE");
        simulation.Network.Faults = 0;
        simulation.Network.IsOut = false;
        if (Orchestrator() is not { } orchestrator)
        {
            CreateOrchestrator(2);
        }
        else
        {
            Open(orchestrator, "maxConcurrent");
            Open(_server.Current(orchestrator)!, "maxOpenPRs");
        }

        foreach (var pool in setup.Blueprints)
        {
            CreateBlueprint(pool);
            Open(Blueprint(pool.Name)!, "maxInstances");
        }

        if (setup.Flow is { } text)
        {
            WriteFlow(text);
        }

        simulation.Cluster.Troubles.End();
        _maintainers.MakePeace(setup);
        _person.Begin();

        foreach (var task in _server.All(Resources.Tasks).Where(task => task.Task.IsSuspended).ToList())
        {
            EditSpec(task, spec => spec["suspend"] = false);
        }
    }

    public void Do(PlanEntry entry)
    {
        simulation.World.Note("* " + entry);
        var world = simulation.World;
        switch (entry.Kind)
        {
            case PlanKind.CreateTask: CreateTask(entry); break;
            case PlanKind.DeleteTask: DeleteTask(Task(entry.Target), isSlow: entry.Number == 0); break;
            case PlanKind.DeleteRunningTask: DeleteTask(PickRunning(entry.Number), isSlow: false); break;
            case PlanKind.CancelTask: EditSpec(Task(entry.Target), spec => spec["cancel"] = true); break;
            case PlanKind.SetPriority: EditSpec(Task(entry.Target), spec => spec["priority"] = $"P{entry.Number}"); break;
            case PlanKind.Suspend: EditSpec(Task(entry.Target), spec => spec["suspend"] = true); break;
            case PlanKind.Unsuspend: EditSpec(Task(entry.Target), spec => spec["suspend"] = false); break;
            case PlanKind.EditPrompt: EditSpec(Task(entry.Target), spec => spec["prompt"] = $"Do it, and {entry.Number}."); break;
            case PlanKind.LabelTask: Label(Task(entry.Target), entry.Number); break;
            case PlanKind.LabelJob: Label(Pick(Resources.Jobs, entry.Number), entry.Number); break;
            case PlanKind.SetMaxInstances: EditSpec(Blueprint(entry.Target), spec => spec["maxInstances"] = entry.Number); break;
            case PlanKind.SetMaxConcurrent: EditSpec(Orchestrator(), spec => spec["maxConcurrent"] = entry.Number); break;
            case PlanKind.PauseOrchestrator: EditSpec(Orchestrator(), spec => spec["paused"] = true); break;
            case PlanKind.UnpauseOrchestrator: EditSpec(Orchestrator(), spec => spec["paused"] = false); break;
            case PlanKind.PauseBlueprint: EditSpec(Blueprint(entry.Target), spec => spec["paused"] = true); break;
            case PlanKind.UnpauseBlueprint: EditSpec(Blueprint(entry.Target), spec => spec["paused"] = false); break;
            case PlanKind.DeleteBlueprint: Remove(Blueprint(entry.Target)); break;
            case PlanKind.CreateBlueprint: CreateBlueprint(PoolOf(entry.Target) with { MaxInstances = entry.Number }); break;
            case PlanKind.Decide: _person.Decide(entry); break;
            case PlanKind.TakeBackCancel: EditSpec(Task(entry.Target), spec => spec["cancel"] = false); break;
            case PlanKind.EditFlow: WriteFlow(entry.Word); break;
            case PlanKind.DeleteFlow: Remove(Flow()); break;
            case PlanKind.RecreateFlow: Remove(Flow()); WriteFlow(entry.Word); break;
            case PlanKind.BreakStarts: simulation.Cluster.Troubles.Begin(entry.Target, entry.Word, entry.Length); break;
            case PlanKind.EditBlueprint: EditSpec(Blueprint(entry.Target), spec => spec["image"] = $"agent:{entry.Number}"); break;
            case PlanKind.DeleteJob: DeleteJob(Pick(Resources.Jobs, entry.Number), isForeground: entry.Length > 0); break;
            case PlanKind.DeletePod: MarkDeleted(Pick(Resources.Pods, entry.Number)); break;
            case PlanKind.CreateForeignJob: CreateForeignJob(Task(entry.Target), isLabelled: entry.Number == 1); break;
            case PlanKind.PauseProcess: simulation.Pause(entry.Number, entry.Length); break;
            case PlanKind.KillProcess: simulation.Kill(entry.Number, entry.Length); break;
            case PlanKind.TerminateProcess: simulation.Terminate(entry.Number, entry.Length); break;
            case PlanKind.PauseLeaderAt: simulation.Ambush(entry.Target, index => simulation.Pause(index, entry.Length)); break;
            case PlanKind.KillLeaderAt: simulation.Ambush(entry.Target, index => simulation.Kill(index, entry.Length)); break;
            case PlanKind.StepClock: simulation.StepClock(entry.Number, entry.Length); break;
            case PlanKind.SlowWatch:
                simulation.WithFeed(entry.Number, entry.Target, feed =>
                {
                    feed.LongestDelay = 5;
                    world.After(TimeSpan.FromSeconds(entry.Length), () => feed.LongestDelay = 0.03);
                });
                break;
            case PlanKind.CutWatch: simulation.WithFeed(entry.Number, entry.Target, feed => feed.Cut(TimeSpan.FromSeconds(entry.Length))); break;
            case PlanKind.RelistWatch:
                simulation.WithFeed(entry.Number, entry.Target, feed =>
                {
                    // Deaf for a while, then the version is too old to go on from.
                    feed.Cut(TimeSpan.FromHours(1));
                    world.After(TimeSpan.FromSeconds(entry.Length), () => feed.List(null));
                });
                break;
            case PlanKind.Faults:
                simulation.Network.Faults = entry.Number;
                world.After(TimeSpan.FromSeconds(entry.Length), () => simulation.Network.Faults = 0);
                break;
            case PlanKind.Outage:
                simulation.Network.IsOut = true;
                world.After(TimeSpan.FromSeconds(entry.Length), () => simulation.Network.IsOut = false);
                break;
            case PlanKind.SetMaxOpenPRs: EditSpec(Orchestrator(), spec => spec["maxOpenPRs"] = entry.Number < 0 ? null : entry.Number); break;
            default: _maintainers.Do(entry); break;
        }
    }

    private static JsonObject Meta(string name) => new() { ["name"] = name, ["namespace"] = Resources.Namespace };

    private void Open(ServerObject gate, string cap)
    {
        if (gate.Json.Flag("spec", "paused"))
        {
            EditSpec(gate, spec => spec["paused"] = false);
        }

        if (gate.Json.Number("spec", cap) == 0)
        {
            EditSpec(_server.Current(gate), spec => spec[cap] = 1);
        }
    }

    private void CreateTask(PlanEntry entry)
    {
        if (Task(entry.Target) is null)
        {
            _server.Create(
                Resources.Tasks,
                new JsonObject
                {
                    ["metadata"] = Meta(entry.Target),
                    ["spec"] = new JsonObject
                    {
                        ["prompt"] = "Do it.",
                        ["flow"] = entry.Word is "" or Opens ? "default" : FlowTexts.Name,
                        ["priority"] = $"P{entry.Number % 4}",
                        ["blockedBy"] = entry.BlockedBy is null ? null : new JsonArray(entry.BlockedBy),
                        ["repository"] = entry.Repository ?? (entry.Number >= 6 ? "repo" : null),
                        ["parameters"] = entry.Number >= 6 && entry.Word.Length > 0 ? new JsonObject { ["opens"] = "a pull request" } : null,
                    },
                },
                Actor);
        }
    }

    private Pool PoolOf(string name) => simulation.Setup.Blueprints.FirstOrDefault(pool => pool.Name == name) ?? new Pool(name, 1);

    private void WriteFlow(string text)
    {
        if (Flow() is { } flow)
        {
            _server.Change(flow, json => json["spec"] = FlowTexts.Spec(text), Actor);
        }
        else
        {
            _server.Create(Resources.Flows, new JsonObject { ["metadata"] = Meta(FlowTexts.Name), ["spec"] = FlowTexts.Spec(text) }, Actor);
        }
    }

    private void CreateBlueprint(Pool pool)
    {
        if (Blueprint(pool.Name) is not null)
        {
            return;
        }

        // Custom agents need no ConfigMap of scripts, so both ways are gone.
        var isCustom = pool.Name is "implementer" or "reviewer";
        var spec = new JsonObject
        {
            ["role"] = pool.Role,
            ["type"] = isCustom ? "custom" : "scripts",
            ["image"] = "agent:1",
            ["maxInstances"] = pool.MaxInstances,
            ["retry"] = new JsonObject
            {
                ["maxAttempts"] = 4, ["maxInfrastructureRetries"] = 20, ["maxContinuations"] = 3, ["backoffSeconds"] = 2, ["maxBackoffSeconds"] = 8,
            },
        };
        if (pool.PendingSeconds is { } limit)
        {
            spec["pendingTimeoutSeconds"] = limit;
        }

        if (pool.OpensPullRequests is { } opens)
        {
            spec["opensPullRequests"] = opens;
        }

        if (!isCustom)
        {
            spec["scripts"] = new JsonObject { ["inline"] = new JsonObject { ["run"] = "exit 0" } };
        }

        _server.Create(Resources.Blueprints, new JsonObject { ["metadata"] = Meta(pool.Name), ["spec"] = spec }, Actor);
    }

    private void CreateOrchestrator(int cap) => _server.Create(
        Resources.Orchestrators,
        new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = AgentOrchestrator.SingletonName },
            ["spec"] = new JsonObject { ["maxConcurrent"] = cap, ["maxOpenPRs"] = simulation.Setup.MaxOpenPRs },
        },
        Actor);

    /// <summary>A Job of the name that the task's next attempt will have: it runs for ever, and is not ours.</summary>
    private void CreateForeignJob(ServerObject? task, bool isLabelled)
    {
        if (task is null)
        {
            return;
        }

        var attempt = task.Task.Attempt + 1;
        var name = AttemptNames.Job(task.Name, task.Uid, attempt);
        if (_server.Find(Resources.Jobs, task.Namespace, name) is not null)
        {
            return;
        }

        var metadata = Meta(name);
        if (isLabelled)
        {
            metadata["labels"] = new JsonObject
            {
                [Labels.Managed] = Labels.ManagedValue,
                [Labels.TaskUid] = task.Uid,
                [Labels.Attempt] = attempt.ToString(CultureInfo.InvariantCulture),
                [Labels.Blueprint] = "implementer",
            };
        }

        _server.Create(Resources.Jobs, new JsonObject { ["metadata"] = metadata, ["status"] = new JsonObject() }, Actor);
    }

    private void DeleteTask(ServerObject? task, bool isSlow)
    {
        if (task is not null && isSlow && _server.MarkDeleted(task, Actor) is { } marked)
        {
            simulation.World.After(TimeSpan.FromSeconds(0.3), () => Remove(_server.Current(marked)));
        }
        else
        {
            Remove(task);
        }
    }

    private void DeleteJob(ServerObject? job, bool isForeground)
    {
        if (isForeground)
        {
            MarkDeleted(job);
        }
        else
        {
            Remove(job);
        }
    }

    private void MarkDeleted(ServerObject? known)
    {
        if (known is not null)
        {
            _server.MarkDeleted(known, Actor);
        }
    }

    private void Remove(ServerObject? known)
    {
        if (known is not null)
        {
            _server.Remove(known, Actor);
        }
    }

    private void Label(ServerObject? known, int number)
    {
        if (known is not null)
        {
            _server.Change(
                known,
                json =>
                {
                    var labels = json["metadata"]!["labels"] as JsonObject;
                    if (labels is null)
                    {
                        json["metadata"]!["labels"] = labels = new JsonObject();
                    }

                    labels["touched"] = number.ToString(CultureInfo.InvariantCulture);
                },
                Actor);
        }
    }

    private void EditSpec(ServerObject? known, Action<JsonObject> edit)
    {
        if (known is not null)
        {
            _server.Change(known, json => edit(json["spec"]!.AsObject()), Actor);
        }
    }

    private ServerObject? Task(string name) => _server.Find(Resources.Tasks, Resources.Namespace, name);

    private ServerObject? Blueprint(string name) => _server.Find(Resources.Blueprints, Resources.Namespace, name);

    private ServerObject? Flow() => _server.Find(Resources.Flows, Resources.Namespace, FlowTexts.Name);

    private ServerObject? Orchestrator() => _server.Find(Resources.Orchestrators, "", AgentOrchestrator.SingletonName);

    private ServerObject? PickRunning(int index)
    {
        var running = _server.All(Resources.Tasks).Where(task => task.Task.IsClaimed).ToList();
        return running.Count == 0 ? null : running[index % running.Count];
    }

    /// <summary>One of those that have not ended and nobody has deleted yet.</summary>
    private ServerObject? Pick(string resource, int index)
    {
        var live = _server.All(resource).Where(item => !item.IsEndedJob && !item.IsEndedPod && !item.IsBeingDeleted && item.ControllerUid is not null).ToList();
        return live.Count == 0 ? null : live[index % live.Count];
    }
}
