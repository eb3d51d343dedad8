using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Plans;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Equivalence;

/// <summary>Tasks whose agents, and the person beside them, go by task and attempt alone: whatever becomes of the operators, the end is the same.</summary>
internal sealed class Scenario
{
    private const string Actor = "user";
    private const string Starting = "starting";

    /// <summary>What the agents of a task say, attempt by attempt.</summary>
    private static readonly Dictionary<string, string[]> Words = new()
    {
        ["approved"] = ["done", "approved", "approved"],
        ["sent-back"] = ["done", "rejected", "done", "rejected", "done", "approved", "approved"],
        ["all-ways"] = ["failed", "done", "needs_continuation", "approved", "done", "approved", "rejected", "approved", "approved"],
        ["continued"] = ["needs_continuation", "done", "done", "approved", "approved"],
        ["cancelled"] = ["never", "done", "approved", "approved"],
        ["retried"] = ["failed", "failed", "failed", "failed", "done", "approved", "approved"],
        ["merged"] = ["done"],
        ["not-started"] = ["", "", "done"],
    };

    private readonly HashSet<(string Task, int Attempt, string Condition)> _answered = [];

    public Scenario()
    {
        Simulation = new Simulation(1, Pools, [.. Words.Keys.Select((task, place) => new PlanEntry(1 + place, PlanKind.CreateTask)
        {
            Target = task, Number = 2, Word = task == "merged" ? Users.Opens : FlowTexts.Name,
        })])
        {
            Peace = TimeSpan.FromHours(2), IsOver = () => Tasks.Count == Words.Count && Tasks.All(task => task.Task.State == "done"),
        };
        Simulation.Cluster.Script = Play;
        Simulation.Server.Changed += See;
    }

    public Simulation Simulation { get; }

    private static Setup Pools => new()
    {
        Blueprints =
        [
            new Pool("implementer", 3),
            new Pool("reviewer", 2) { Role = Roles.Reviewer },
            new Pool("tester", 1) { Role = Roles.Tester },
            new Pool("starter", 1) { Role = "starter", PendingSeconds = 10 },
        ],
        Flow = FlowTexts.Tested,
        MaxConcurrent = 5,
        ClockOffsets = [0, 0],
    };

    private IReadOnlyCollection<ServerObject> Tasks => Simulation.Server.All(Resources.Tasks);

    /// <summary>How every task stands, without what tells of time.</summary>
    public string Ends() => string.Join('\n', Tasks.OrderBy(task => task.Name, StringComparer.Ordinal).Select(task => $"{task.Name}: {Timeless(task.Json["status"]!.DeepClone()).ToJsonString()}"));

    private static JsonNode Timeless(JsonNode node)
    {
        switch (node)
        {
            case JsonObject named:
                foreach (var name in named.Select(field => field.Key).Where(name => name is "time" or "start" or "end" or "lastTransitionTime" or "message" or "observedGeneration").ToList())
                {
                    named.Remove(name);
                }

                foreach (var field in named.Where(field => field.Value is not null).ToList())
                {
                    Timeless(field.Value!);
                }

                break;
            case JsonArray items:
                foreach (var item in items.OfType<JsonNode>())
                {
                    Timeless(item);
                }

                break;
        }

        return node;
    }

    private static AgentScript Play(ServerObject job)
    {
        var (task, attempt) = (job.Label(Labels.Task)!, job.Label(Labels.Attempt)!);
        var word = Words[task][int.Parse(attempt, CultureInfo.InvariantCulture) - 1];
        return word switch
        {
            "" => new AgentScript(StartTroubles.Status("ImagePullBackOff"), 0) { Starts = false },
            "never" => new AgentScript(new JsonObject { ["phase"] = "Failed" }, 36000),
            _ => new AgentScript(PodEnd.Said(attempt, word, task == "merged" ? 7 : null), 3),
        };
    }

    private void See(LogEntry entry)
    {
        switch (entry)
        {
            case { Before: null, After: { Resource: Resources.Tasks, Name: "merged" or "not-started" } task }:
                Simulation.World.After(TimeSpan.Zero, () => Prepare(task));
                break;
            case { After: { Resource: Resources.Tasks } task }:
                Simulation.World.After(TimeSpan.FromSeconds(1), () => Answer(task));
                break;
            case { After: { Resource: Resources.Pods, HasStarted: true } pod } when pod.Label(Labels.Task) == "cancelled" && pod.Label(Labels.Attempt) == "1":
                Simulation.World.After(TimeSpan.FromSeconds(1), () => Edit("cancelled", spec => spec["cancel"] ??= true));
                break;
        }
    }

    /// <summary>One is of another flow, and one works in a repository.</summary>
    private void Prepare(ServerObject task)
    {
        if (task.Name == "merged")
        {
            Edit(task.Name, spec => spec["repository"] = "repo");
            return;
        }

        Edit(task.Name, spec => spec["flow"] = Starting);
        Simulation.Server.Create(
            Resources.Flows,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = Starting, ["namespace"] = Resources.Namespace },
                ["spec"] = new JsonObject
                {
                    ["transitions"] = new JsonArray(
                        new JsonObject { ["from"] = "incoming", ["to"] = "started", ["agent"] = "starter" },
                        new JsonObject { ["from"] = "started", ["to"] = "done" }),
                },
            },
            Actor);
    }

    /// <summary>A person does once what a task at that attempt asks for.</summary>
    private void Answer(ServerObject known)
    {
        if (Simulation.Server.Current(known) is not { Task: { IsClaimed: false } view } task)
        {
            return;
        }

        if (view is { State: "cancelled", IsCancelled: true })
        {
            Edit(task.Name, spec => spec["cancel"] = false);
        }
        else if (view.State is "cancelled" or "failed")
        {
            Say(task, "retry", "");
        }
        else if (view.WaitsFor is "AwaitsDecision" or "AwaitsMerge")
        {
            Say(task, task.Name == "all-ways" && view.Attempt == 4 ? "reject" : "approve", view.State == "coding" ? "sign-off" : "merged");
        }
    }

    private void Say(ServerObject task, string verdict, string condition)
    {
        if (_answered.Add((task.Name, task.Task.Attempt, condition)))
        {
            Edit(task.Name, spec => spec["decision"] = new JsonObject { ["attempt"] = task.Task.Attempt, ["verdict"] = verdict, ["comment"] = $"I say {verdict}." });
        }
    }

    private void Edit(string name, Action<JsonObject> edit)
    {
        if (Simulation.Server.Find(Resources.Tasks, Resources.Namespace, name) is { } task)
        {
            Simulation.Server.Change(task, json => edit(json["spec"]!.AsObject()), Actor);
        }
    }
}
