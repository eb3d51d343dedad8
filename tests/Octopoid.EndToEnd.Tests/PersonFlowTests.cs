using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>What people do to tasks: suspend, cancel, retry, delete; with real pods.</summary>
public sealed class PersonFlowTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_suspension_leaves_the_running_attempt_alone_and_holds_the_next_one()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(Soon(), cluster.SharedFolder),
            Manifests.Task("t", new JsonObject { ["do-1"] = $"wait:{space} fail", ["do-2"] = "finish" }));
        await cluster.UntilRunningAsync(space, "t");

        await cluster.PatchAsync(space, "agenttask", "t", """{"suspend":true}""");
        await cluster.LetGoAsync(space);
        var (held, _) = await cluster.UntilWaitsAsync(space, "t", Reasons.Suspended);
        Assert.Equal(("incoming", "AsAsked"), (held.Status!.State, Assert.Single(held.Status.Attempts!).Reason));

        await cluster.PatchAsync(space, "agenttask", "t", """{"suspend":false}""");
        Assert.Equal(2, (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempt);
    }

    [Fact]
    public async Task A_retry_begins_failed_and_cancelled_tasks_again()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(Manifests.Json("""{"maxInstances":2,"retry":{"maxAttempts":1}}""")),
            Manifests.Task("failed", new JsonObject { ["do-1"] = "fail", ["do-2"] = "hears:try-harder hears:first-words finish" }, Manifests.Json("""{"title":"first-words"}""")),
            Manifests.Task("cancelled", new JsonObject { ["do-1"] = "silent", ["do-2"] = "hears:on-second-thought finish" }));
        await cluster.UntilRunningAsync(space, "cancelled");
        await cluster.PatchAsync(space, "agenttask", "cancelled", """{"cancel":true}""");

        await cluster.UntilAsync(space, "failed", FlowStates.Failed);
        await cluster.DecideAsync(space, "failed", 1, "retry", "try-harder");
        await cluster.UntilAsync(space, "cancelled", FlowStates.Cancelled);
        await cluster.DecideAsync(space, "cancelled", 1, "retry", "on-second-thought");
        await cluster.PatchAsync(space, "agenttask", "cancelled", """{"cancel":false}""");

        foreach (var name in new[] { "failed", "cancelled" })
        {
            AgentTask task = null!;
            await cluster.UntilAsync(
                async () => (task = await cluster.GetAsync(space, "agenttasks", name, KindsJson.Default.AgentTask)).Status is { State: FlowStates.Done },
                $"{name} is done",
                space);
            Assert.Equal((2, "Succeeded"), (task.Status!.Attempt, task.Status.Attempts![^1].Reason));
            Assert.Equal([name, FlowStates.Incoming], task.Status.History!.Skip(1).Take(2).Select(change => change.To));
            Assert.DoesNotContain(task.Status.Conditions!, condition => condition is { Type: ConditionTypes.Failed, Status: ConditionStatus.True });
        }
    }

    [Fact]
    public async Task A_task_can_be_deleted_while_it_waits_runs_or_is_under_review()
    {
        var space = await cluster.CreateNamespaceAsync();
        var flow = new JsonObject { ["flow"] = "f" };
        JsonObject Parameters(string implementer, string reviewer) => new() { ["do-implementer"] = implementer, ["do-reviewer"] = reviewer };
        await cluster.ApplyAsync(
            space,
            Manifests.Flow("f", "{from: incoming, to: coding, agent: implementer}", "{from: coding, to: done, conditions: [{name: review, agent: reviewer}]}"),
            Manifests.Blueprint([]),
            Manifests.Blueprint("reviewer", []),
            Manifests.Task("reviewed", Parameters("finish", "silent"), flow.DeepClone().AsObject()));
        await cluster.UntilRunningAsync(space, "reviewed", 2);
        await cluster.ApplyAsync(space, Manifests.Task("running", Parameters("silent", "approve"), flow.DeepClone().AsObject()));
        await cluster.UntilRunningAsync(space, "running");
        await cluster.ApplyAsync(
            space,
            Manifests.Task("waiting", Parameters("finish", "approve"), flow.DeepClone().AsObject()),
            Manifests.Task("next", Parameters("finish", "approve"), flow));

        await cluster.KubectlAsync(null, "-n", space, "delete", "agenttask", "waiting", "running", "reviewed", "--timeout=60s");

        // Both blueprints have one instance, so this one gets both slots that were held.
        var next = await cluster.UntilAsync(space, "next", FlowStates.Done);
        Assert.Equal(["implementer", "reviewer"], next.Status!.Attempts!.Select(attempt => attempt.Blueprint));
        await cluster.UntilAsync(
            async () => (await cluster.PodsAsync(space)).All(pod => (string?)pod["metadata"]!["labels"]!["octopoid.dev/task"] == "next"),
            "the deleted tasks' pods are gone",
            space);
    }

    private static JsonObject Soon() => Manifests.Json("""{"retry":{"backoffSeconds":0,"maxBackoffSeconds":0}}""");
}
