using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>A blueprint whose agents cannot start harms no task, and says why; mended, it goes on by itself.</summary>
public sealed class BreakerTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    private const string NoImage =
        """{"phase":"Pending","containerStatuses":[{"name":"agent","state":{"waiting":{"reason":"InvalidImageName","message":"no such thing"}}}]}""";

    private const string Good =
        """{"phase":"Succeeded","containerStatuses":[{"name":"agent","state":{"terminated":{"exitCode":0,"message":"{\"outcome\":\"done\"}"}}}]}""";

    [Fact]
    public async Task Start_failures_in_a_row_stop_the_claims_until_a_probe_has_started()
    {
        var isMended = false;
        await ApplyAsync([Blueprint(maxInstances: 2, Retry), .. Enumerable.Range(1, 6).Select(i => Task($"t{i}"))]);
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(
            Server, Namespace, _ => isMended ? Good : NoImage, _ => System.Threading.Tasks.Task.CompletedTask, CancellationToken);
        StartOperator();
        await UntilAsync(
            async () =>
            {
                await CollectGarbageAsync();
                return (await BlueprintAsync()).Status is { State: BlueprintState.Degraded, Instances: 0 };
            },
            "the blueprint is degraded");

        var blueprint = await BlueprintAsync();
        Assert.Equal(Reasons.StartFailures, blueprint.Status!.Reason);
        Assert.Contains("no such thing", blueprint.Status.Message, StringComparison.Ordinal);
        Assert.NotNull(blueprint.Status.NextProbeTime);
        Assert.Contains(blueprint.Status.Conditions!, condition => condition is { Type: ConditionTypes.Degraded, Status: ConditionStatus.True });
        Assert.Equal(2, observer.JobsSeen);

        // A leader that follows believes what is written.
        await KillOperatorAsync();
        StartOperator();
        await UntilAsync(async () => await HolderAsync() == "operator", "it leads again");
        await ApplyAsync("{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 6}}");
        await UntilAsync(async () => await OrchestratorAsync() is var o && o.Status?.ObservedGeneration == o.Metadata.Generation, "it has decided anew");
        Assert.Equal(2, observer.JobsSeen);
        Assert.Contains((await OrchestratorStatusAsync())!.Conditions!, condition => condition is { Type: ConditionTypes.Degraded, Status: ConditionStatus.True });

        // An edit is tried at once.
        isMended = true;
        await ApplyAsync(Blueprint(maxInstances: 2, Retry + ", model: mended"));
        await UntilDoneAsync(6);
        await UntilAsync(async () => (await BlueprintAsync()).Status is { State: BlueprintState.Idle, NextProbeTime: null }, "the blueprint is well");
        Assert.Empty((await observer.AccountAsync(CancellationToken)).Violations);
        Assert.All(await TasksAsync(), task => Assert.Equal(0, task.Status!.Failures ?? 0));
        await UntilAsync(async () => (await EventsAsync()).Count == 2, "both turns are told");
        Assert.Equal(["StartFailures", "Valid"], (await EventsAsync()).Order());
    }

    private const string Retry = ", retry: {backoffSeconds: 1, maxBackoffSeconds: 1}";

    private async Task<IReadOnlyList<string>> EventsAsync() =>
        [.. (await Server.GetAsync($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", CancellationToken)).EnsureSuccess().Json["items"]!.AsArray()
            .Where(item => (string?)item!["regarding"]!["kind"] == AgentBlueprint.KindName).Select(item => (string)item!["reason"]!)];
}
