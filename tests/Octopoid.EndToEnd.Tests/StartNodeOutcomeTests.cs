using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>Why a pod cannot start, in the words of a real node.</summary>
public sealed class StartNodeOutcomeTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData("""{"podTemplate":{"spec":{"nodeSelector":{"no-such":"node"}}}}""", "Unschedulable", "node(s)")]
    [InlineData("""{"envFrom":[{"secretRef":{"name":"absent"}}]}""", "PendingTimeout", "secret \"absent\" not found")]
    public async Task What_keeps_a_pod_waiting_is_told_and_ends_the_attempt_at_the_limit(string blueprint, string reason, string words)
    {
        var (space, spec) = (await cluster.CreateNamespaceAsync(), Once(blueprint));
        await cluster.ApplyAsync(space, Manifests.Blueprint(spec), Manifests.Task("t", "finish"));
        await cluster.UntilAsync(
            async () => (await EventsAsync(space, "AgentTask")).Contains($"Warning {reason}"), "an Event of the task tells what it waits for", space);

        await cluster.PatchAsync(space, "agentblueprint", "implementer", """{"pendingTimeoutSeconds":1}""");

        await AssertNotStartedAsync(space, reason, words);
    }

    [Theory]
    [InlineData("""{"type":"custom","command":["/no/such/program"]}""", "ContainerCannotRun", "/no/such/program")]
    [InlineData(
        """{"podTemplate":{"spec":{"initContainers":[{"name":"mine","image":"octopoid-agent:demo","command":["/bin/sh","-c","exit 9"]}]}}}""",
        "WorkspaceFailed",
        "The init container mine exited with code 9")]
    public async Task What_keeps_an_agent_from_starting_for_good_ends_the_attempt_at_once(string blueprint, string reason, string words)
    {
        var (space, spec) = (await cluster.CreateNamespaceAsync(), Once(blueprint));
        await cluster.ApplyAsync(space, Manifests.Blueprint(spec), Manifests.Task("t", "finish"));

        await AssertNotStartedAsync(space, reason, words);
    }

    [Fact]
    public async Task An_image_that_cannot_be_pulled_degrades_its_blueprint_until_it_is_mended()
    {
        var space = await cluster.CreateNamespaceAsync();
        static JsonObject Spec(string image, int pending)
        {
            var spec = Manifests.Json("""{"maxInstances":2,"retry":{"backoffSeconds":1,"maxBackoffSeconds":1}}""");
            (spec["image"], spec["pendingTimeoutSeconds"]) = (image, pending);
            return spec;
        }

        // Nothing listens there, which is known at once.
        const string Absent = "127.0.0.1:1/absent:1";
        await cluster.ApplyAsync(space, Manifests.Blueprint(Spec(Absent, 900)), Manifests.Task("t", "finish"));
        await cluster.UntilAsync(
            async () => (await EventsAsync(space, "AgentTask")).Contains("Warning ImagePullFailed"), "an Event of the task tells what it waits for", space);
        await cluster.ApplyAsync(space, Manifests.Blueprint(Spec(Absent, 1)));
        await UntilStateAsync(space, BlueprintState.Degraded);
        Assert.Null((await cluster.GetAsync(space, "agenttasks", "t", KindsJson.Default.AgentTask)).Status!.Claim);

        await cluster.ApplyAsync(space, Manifests.Blueprint(Spec(ClusterFixture.AgentImage, 900)));
        var attempts = (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempts!;
        await UntilStateAsync(space, BlueprintState.Idle);

        Assert.Equal([FailureClass.Infrastructure, FailureClass.Infrastructure, null], attempts.Select(attempt => attempt.Class));
        Assert.Equal("ImagePullFailed", attempts[0].Reason);
        await cluster.UntilAsync(async () => (await EventsAsync(space, "AgentBlueprint")).Length >= 2, "two Events of the blueprint", space);
        Assert.Equal(["Normal Valid", "Warning StartFailures"], (await EventsAsync(space, "AgentBlueprint")).Order());
    }

    [Fact]
    public async Task Scripts_that_somebody_has_deleted_are_made_again_for_the_next_attempt()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space, Manifests.Blueprint(Manifests.Json("""{"retry":{"backoffSeconds":0,"maxBackoffSeconds":0}}""")), Manifests.Task("before", "finish"));
        await cluster.UntilAsync(space, "before", FlowStates.Done);
        await cluster.KubectlAsync(null, "-n", space, "delete", "configmaps", "-l", "octopoid.dev/managed=true");
        await cluster.PatchAsync(space, "agentblueprint", "implementer", """{"pendingTimeoutSeconds":1}""");
        await cluster.ApplyAsync(space, Manifests.Task("t", "finish"));
        await cluster.UntilAsync(
            async () => (await cluster.GetAsync(space, "agenttasks", "t", KindsJson.Default.AgentTask)).Status?.Attempts is { Count: > 0 },
            "the first attempt has ended",
            space);
        await cluster.PatchAsync(space, "agentblueprint", "implementer", """{"pendingTimeoutSeconds":900}""");

        var attempts = (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempts!;

        Assert.Equal("PendingTimeout", attempts[0].Reason);
    }

    private static JsonObject Once(string blueprint)
    {
        var spec = Manifests.Json(blueprint);
        spec["retry"] = new JsonObject { ["maxInfrastructureRetries"] = 0 };
        return spec;
    }

    private async Task AssertNotStartedAsync(string space, string reason, string words)
    {
        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal((reason, FailureClass.Infrastructure), (Assert.Single(task.Status!.Attempts!).Reason, task.Status.Attempts![0].Class!.Value));
        Assert.Contains(words, task.Status.Feedback, StringComparison.Ordinal);
        await cluster.UntilAsync(
            async () => (await cluster.PodsAsync(space)).All(pod => (string?)pod["status"]!["phase"] is "Failed"), "no pod of it is left that may start", space);
    }

    /// <summary>The Events of a kind's objects: type and reason of each.</summary>
    private async Task<string[]> EventsAsync(string space, string kind) => (await cluster.KubectlAsync(
        null, "-n", space, "get", "events", "--field-selector", $"involvedObject.kind={kind}", "-o", "jsonpath={range .items[*]}{.type} {.reason}{\"\\n\"}{end}"))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private Task UntilStateAsync(string space, BlueprintState state) => cluster.UntilAsync(
        async () => (await cluster.GetAsync(space, "agentblueprints", "implementer", KindsJson.Default.AgentBlueprint)).Status?.State == state,
        $"the blueprint is {state}",
        space);
}
