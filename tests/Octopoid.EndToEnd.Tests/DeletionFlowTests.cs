using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>What tasks live by is deleted while they run, with real pods.</summary>
public sealed class DeletionFlowTests(ClusterFixture cluster)
{
    [Fact]
    public async Task An_attempt_whose_blueprint_flow_and_repository_are_deleted_ends_as_it_would_and_waits_for_its_flow()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.CreateRepositoryAsync(space);
        string[] lives =
        [
            Manifests.Repository(space),
            Manifests.Flow("f", "{from: incoming, to: coding, agent: implementer}", "{from: coding, to: done}"),
            Manifests.Blueprint([], cluster.SharedFolder),
        ];
        JsonObject Spec(string priority) => new() { ["flow"] = "f", ["repository"] = "r", ["priority"] = priority };
        await cluster.ApplyAsync(space, [.. lives, Manifests.Task("running", $"commit wait:{space} finish", Spec("P0")), Manifests.Task("waiting", "commit finish", Spec("P1"))]);
        await cluster.UntilRunningAsync(space, "running");

        await cluster.KubectlAsync(null, "-n", space, "delete", "agentblueprint/implementer", "agentflow/f", "agentrepository/r", "--timeout=60s");
        await cluster.UntilWaitsAsync(space, "waiting", Reasons.FlowMissing);
        await cluster.LetGoAsync(space);
        var (ended, _) = await cluster.UntilWaitsAsync(space, "running", Reasons.FlowMissing);
        Assert.Equal(("coding", "Succeeded", 1), (ended.Status!.State, Assert.Single(ended.Status.Attempts!).Reason, ended.Status.Attempts![0].Commits));

        await cluster.ApplyAsync(space, lives[1]);
        Assert.Equal(1, (await cluster.UntilAsync(space, "running", FlowStates.Done)).Status!.Attempt);
        await cluster.UntilWaitsAsync(space, "waiting", Reasons.RepositoryMissing);
        await cluster.ApplyAsync(space, lives[0]);
        await cluster.UntilWaitsAsync(space, "waiting", Reasons.RoleUnserved);
        await cluster.ApplyAsync(space, lives[2]);
        await cluster.UntilAsync(space, "waiting", FlowStates.Done);
    }

    [Fact]
    public async Task A_namespace_goes_with_the_tasks_that_run_in_it_and_their_slots_are_free()
    {
        var (space, other) = (await cluster.CreateNamespaceAsync(), await cluster.CreateNamespaceAsync());
        await cluster.ApplyAsync(other, Manifests.Blueprint([], cluster.SharedFolder), Manifests.Task("t", $"wait:{other} finish"));
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(new JsonObject { ["maxInstances"] = 2 }),
            Manifests.Task("a", "silent"), Manifests.Task("b", "silent"), Manifests.Task("c", "finish"), Manifests.Task("d", "finish"));
        await cluster.UntilRunningAsync(space, "a");
        await cluster.UntilRunningAsync(space, "b");
        await cluster.UntilRunningAsync(other, "t");

        await cluster.KubectlAsync(null, "delete", "namespace", space, "--timeout=240s");

        // Under its name again: a slot that was not given back would be in use here.
        await cluster.KubectlAsync(null, "create", "namespace", space);
        await cluster.ApplyAsync(space, Manifests.Blueprint([]), Manifests.Task("a", "finish"));
        await cluster.UntilAsync(space, "a", FlowStates.Done);
        await cluster.UntilAsync(
            async () => (await cluster.GetAsync(space, "agentblueprints", "implementer", KindsJson.Default.AgentBlueprint)).Status is { Instances: 0 },
            "no slot is in use",
            space);
        await cluster.LetGoAsync(other);
        Assert.Equal(1, (await cluster.UntilAsync(other, "t", FlowStates.Done)).Status!.Attempt);
    }
}
