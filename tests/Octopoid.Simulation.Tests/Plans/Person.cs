using System.Text.Json.Nodes;
using Octopoid.Simulation.Tests.Checks;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Forges;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>Whoever answers what agents may not: by plan anything, right or wrong; in peace whatever a task says that it waits for.</summary>
internal sealed class Person(Simulation simulation)
{
    private const string Actor = "user";

    private readonly Chance _chance = simulation.World.Chance("person");
    private int _answers;

    /// <summary>Says a word on a task, whatever it waits for.</summary>
    public void Decide(PlanEntry entry)
    {
        if (Find(entry.Target) is { } task)
        {
            var words = entry.Word.Split(' ');
            Write(task, task.Task.Attempt + entry.Number, words[0], words.ElementAtOrDefault(1), entry.Length > 0 ? $"As I see it at {entry.At:0}." : null);
        }
    }

    /// <summary>From here on every task that asks is answered.</summary>
    public void Begin()
    {
        foreach (var task in simulation.Server.All(Resources.Tasks).ToList())
        {
            // By its own word alone: a task that does not say that it waits waits for ever, and is found in the end.
            if (task is { IsBeingDeleted: false, Task: { WaitsFor: "AwaitsDecision" or "AwaitsMerge", IsClaimed: false, IsTerminal: false, IsCancelled: false } view }
                && simulation.Flows.Of(task)?.Next(view.State, view.Passed, view.PullRequest) is (FlowView.Turn.Ask or FlowView.Turn.Merge, _, { Name: var condition })
                && !IsAnswered(task) && !IsAtForge(task))
            {
                Write(task, view.Attempt, _chance.Is(0.85) ? "approve" : "reject", condition, $"Answer {++_answers}.");
            }
        }

        simulation.World.After(TimeSpan.FromSeconds(3), Begin);
    }

    /// <summary>True when a forge tells whether it is merged.</summary>
    private bool IsAtForge(ServerObject task) => task.Task.WaitsFor == "AwaitsMerge"
        && simulation.Server.Find(Resources.Repositories, Resources.Namespace, task.Json.Text("spec", "repository") ?? "") is { } repository
        && RepositoryView.Of(repository) is { HasForge: true } view
        && simulation.Forge.Find(view.Home, task.Json.Number("status", "pullRequest", "number")) is not null;

    /// <summary>True when a word stands that has yet to be heard.</summary>
    private static bool IsAnswered(ServerObject task) => task.Json.At("spec", "decision") is JsonObject word
        && word.Number("attempt") == task.Task.Attempt
        && word.Text("comment")?.StartsWith("Answer", StringComparison.Ordinal) == true
        && !JsonNode.DeepEquals(word, task.Json.At("status", "decision"));

    private ServerObject? Find(string task) => simulation.Server.Find(Resources.Tasks, Resources.Namespace, task);

    private void Write(ServerObject task, int attempt, string verdict, string? condition, string? comment)
    {
        var word = new JsonObject { ["attempt"] = attempt, ["verdict"] = verdict };
        if (condition is not null)
        {
            word["condition"] = condition;
        }

        if (comment is not null)
        {
            word["comment"] = comment;
        }

        simulation.World.Note($"  {task.Name}: a person says {word.ToJsonString()}");
        simulation.Server.Change(task, json => json["spec"]!["decision"] = word, Actor);
    }
}
