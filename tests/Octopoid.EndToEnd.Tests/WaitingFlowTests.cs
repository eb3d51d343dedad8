using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>What a task says that waits for more than a free slot, and that it runs at once when that comes, with real pods.</summary>
public sealed class WaitingFlowTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_role_that_nobody_serves_is_named_in_the_list_of_tasks()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(space, Manifests.Task("t", "finish"));

        var (_, words) = await cluster.UntilWaitsAsync(space, "t", Reasons.RoleUnserved);
        Assert.Contains("implementer", words, StringComparison.Ordinal);
        var list = (await cluster.KubectlAsync(null, "-n", space, "get", "atask", "-o", "wide")).Split('\n');
        var column = list[0].IndexOf("WAITS-FOR", StringComparison.Ordinal);
        Assert.True(column > 0, list[0]);
        Assert.StartsWith("RoleUnserved ", list[1][column..], StringComparison.Ordinal);

        await cluster.ApplyAsync(space, Manifests.Blueprint([]));
        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);
        Assert.DoesNotContain(task.Status!.Conditions!, condition => condition.Type == ConditionTypes.Claimable);
    }

    [Fact]
    public async Task Tasks_that_wait_for_others_name_them_and_go_on_once_those_are_done()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(Manifests.Json("""{"maxInstances":3,"retry":{"maxAttempts":1}}""")),
            Manifests.Task("slow", "finish", Manifests.Json("""{"suspend":true}""")),
            Manifests.Task("after-slow", "finish", Manifests.Json("""{"blockedBy":["slow"]}""")),
            Manifests.Task("after-absent", "finish", Manifests.Json("""{"blockedBy":["absent"]}""")),
            Manifests.Task("broken", new JsonObject { ["do-1"] = "fail", ["do-2"] = "finish" }),
            Manifests.Task("after-broken", "finish", Manifests.Json("""{"blockedBy":["slow","broken"]}""")));

        Assert.Contains("blocked by slow,", (await cluster.UntilWaitsAsync(space, "after-slow", Reasons.DependencyPending)).Message, StringComparison.Ordinal);
        Assert.Contains("blocked by absent,", (await cluster.UntilWaitsAsync(space, "after-absent", Reasons.DependencyMissing)).Message, StringComparison.Ordinal);
        Assert.Contains("blocked by broken,", (await cluster.UntilWaitsAsync(space, "after-broken", Reasons.DependencyFailed)).Message, StringComparison.Ordinal);

        await cluster.PatchAsync(space, "agenttask", "slow", """{"suspend":false}""");
        await cluster.ApplyAsync(space, Manifests.Task("absent", "finish"));
        await cluster.DecideAsync(space, "broken", 1, "retry");
        foreach (var (blocker, blocked) in new[] { ("slow", "after-slow"), ("absent", "after-absent"), ("broken", "after-broken") })
        {
            var ended = (await cluster.UntilAsync(space, blocker, FlowStates.Done)).Status!.Attempts![^1].End;
            Assert.True((await cluster.UntilAsync(space, blocked, FlowStates.Done)).Status!.Attempts![0].Start >= ended, $"{blocked} has waited for {blocker}");
        }
    }

    [Fact]
    public async Task Tasks_that_wait_for_each_other_say_so_until_the_circle_is_broken()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint([]),
            Manifests.Task("x", "finish", Manifests.Json("""{"blockedBy":["y"]}""")),
            Manifests.Task("y", "finish", Manifests.Json("""{"blockedBy":["x"]}""")));

        foreach (var name in new[] { "x", "y" })
        {
            var words = (await cluster.UntilWaitsAsync(space, name, Reasons.DependencyCycle)).Message;
            Assert.True(words.Contains("x -> y -> x", StringComparison.Ordinal) || words.Contains("y -> x -> y", StringComparison.Ordinal), words);
        }

        await cluster.PatchAsync(space, "agenttask", "y", """{"blockedBy":[]}""");
        var first = await cluster.UntilAsync(space, "y", FlowStates.Done);
        var second = await cluster.UntilAsync(space, "x", FlowStates.Done);
        Assert.True(second.Status!.Attempts![0].Start >= first.Status!.Attempts![0].End);
    }
}
