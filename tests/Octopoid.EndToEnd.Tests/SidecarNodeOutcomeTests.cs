using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>A sidecar that has no end, on a real node.</summary>
public sealed class SidecarNodeOutcomeTests(ClusterFixture cluster)
{
    [Fact]
    public async Task A_sidecar_may_run_on_for_a_minute_then_the_task_is_done_and_the_pod_goes()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(Manifests.Json(
                """
                {"podTemplate":{"spec":{"terminationGracePeriodSeconds":1,
                    "containers":[{"name":"side","image":"octopoid-agent:demo","command":["sleep","3600"]}]}}}
                """)),
            Manifests.Task("t", "finish"));
        DateTimeOffset? ended = null;
        await cluster.UntilAsync(
            async () =>
            {
                var agent = (await cluster.PodsAsync(space, "t")).SelectMany(pod => pod["status"]?["containerStatuses"]?.AsArray() ?? [])
                    .FirstOrDefault(container => (string?)container!["name"] == "agent");
                ended = (DateTimeOffset?)agent?["state"]?["terminated"]?["finishedAt"];
                return ended is not null;
            },
            "the agent has ended",
            space);

        var attempt = Assert.Single((await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempts!);

        Assert.Equal("Succeeded", attempt.Reason);
        Assert.InRange((attempt.End - ended)!.Value.TotalSeconds, 59, 75);
        await cluster.UntilNoPodsAsync(space);
    }
}
