using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>Pods and Jobs that somebody deletes under an agent at work, with a real node.</summary>
public sealed class DisruptedNodeOutcomeTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("pod")]
    [InlineData("pod", "--force", "--grace-period=0")]
    [InlineData("job")]
    public async Task What_is_deleted_by_hand_is_not_the_tasks_fault_and_one_pod_of_the_next_attempt_runs(params string[] what)
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(Manifests.Json("""{"retry":{"backoffSeconds":1,"maxBackoffSeconds":1}}"""), cluster.SharedFolder),
            Manifests.Task("t", new JsonObject { ["do-1"] = "say:at-work silent", ["do-2"] = $"wait:{space} finish" }));
        await cluster.UntilRunningAsync(space, "t");
        await cluster.UntilAsync(
            async () => (await cluster.KubectlAsync(null, "-n", space, "logs", "-l", "octopoid.dev/task=t", "-c", "agent")).Contains("at-work", StringComparison.Ordinal),
            "the agent is at work, so that its runner hears what it is told",
            space);

        await cluster.KubectlAsync(null, ["-n", space, "delete", .. what, "-l", "octopoid.dev/task=t", "--wait=false"]);

        await cluster.UntilAsync(
            async () =>
            {
                var living = (await cluster.PodsAsync(space, "t")).Where(pod => (string?)pod["status"]!["phase"] is not ("Succeeded" or "Failed"))
                    .Select(pod => (Attempt: (string?)pod["metadata"]!["labels"]!["octopoid.dev/attempt"], Phase: (string?)pod["status"]!["phase"])).ToList();
                Assert.True(living.All(pod => pod.Attempt == "1") || living.Count == 1, string.Join(", ", living));
                return living is [("2", "Running")];
            },
            "the next attempt runs, alone",
            space);
        await cluster.LetGoAsync(space);
        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);
        Assert.Equal([FailureClass.Infrastructure, null], task.Status!.Attempts!.Select(attempt => attempt.Class));

        // The runner's own word, unless the kubelet lets go of the pod before it has passed that on.
        Assert.Contains(task.Status.Attempts![0].Reason, (string[])["Terminated", "Disrupted"]);
    }
}
