using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>How an attempt ends whose agent has no runner, by what a real node tells of its container.</summary>
public sealed class NodeOutcomeTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("exit 3", "ExitCode", "code 3")]
    [InlineData("exec tail /dev/zero", "OutOfMemory", "more memory")]
    [InlineData("printf '{\"outcome\":' >/dev/termination-log", "MalformedResult", "no JSON")]
    [InlineData("printf '{\"outcome\":\"failed\",\"comment\":\"%05000d\"}' 0 >/dev/termination-log", "MalformedResult", "4,096 bytes")]
    public async Task A_custom_agents_end_is_told_by_its_container(string script, string reason, string words)
    {
        var space = await cluster.CreateNamespaceAsync();
        var spec = Manifests.Json("""{"type":"custom","resources":{"limits":{"memory":"64Mi"}},"retry":{"maxAttempts":1}}""");
        spec["command"] = new JsonArray("/bin/sh", "-c", script);
        await cluster.ApplyAsync(space, Manifests.Blueprint(spec), Manifests.Task("t", ""));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal((reason, FailureClass.Task), (Assert.Single(task.Status!.Attempts!).Reason, task.Status.Attempts![0].Class!.Value));
        Assert.Contains(words, task.Status.Feedback, StringComparison.Ordinal);
    }
}
