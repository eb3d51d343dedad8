using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Tests.Running;

/// <summary>What has ended is cleared away when it was kept long enough, and not before.</summary>
public sealed class RetentionTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    [Fact]
    public async Task Jobs_go_after_their_time_and_tasks_if_somebody_says_so()
    {
        await ApplyAsync(
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 5, retention: {jobSeconds: 600}}}",
            Blueprint(maxInstances: 5),
            Task("a"),
            Task("b"),
            Task("waits", ", suspend: true, blockedBy: [a]"));
        await using var kubelet = await Testing.WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(50), CancellationToken);
        StartOperator();
        await UntilDoneAsync(2);
        await UntilAsync(async () => (await OrchestratorStatusAsync())?.Running == 0, "no slot is held");
        Assert.Equal(2, (await NamesAsync("jobs")).Count);

        await KeepAsync("{jobSeconds: 1}");
        await UntilAsync(async () => (await NamesAsync("jobs")).Count == 0, "the Jobs are gone");
        Assert.Equal(3, (await TasksAsync()).Count);

        // What an unfinished task is blocked by stays: without it that would wait for ever.
        await KeepAsync("{jobSeconds: 1, doneSeconds: 1}");
        await UntilAsync(async () => (await TasksAsync()).Count == 2, "one task is gone");
        Assert.Equal(["a", "waits"], (await TasksAsync()).Select(task => task.Metadata.Name));
        Assert.All(await TasksAsync(), task => Assert.NotEqual(FlowStates.Failed, task.Status!.State));
    }

    private Task KeepAsync(string retention) => ApplyAsync(
        "{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 5, "
        + $"retention: {retention}}}}}");
}
