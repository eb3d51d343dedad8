using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>Two replicas: one leads, the other follows at once when it must, and nothing runs twice.</summary>
public sealed class LeadershipTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    [Theory]
    [InlineData("TERM", 15, 2.0)]
    [InlineData("KILL", 3, 3 + 0.3 + 1)]
    public async Task When_the_leader_ends_the_other_leads_in_time_and_no_task_runs_twice(string signal, int leaseSeconds, double limit)
    {
        await using var first = StartReplica("first", leaseSeconds);
        await UntilAsync(async () => await HolderAsync() == "first", "the first leads");
        await using var second = StartReplica("second", leaseSeconds);
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(second.LastLines().Contains("stands by: first", StringComparison.Ordinal)), "the second waits");
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync([Blueprint(maxInstances: 5), .. Enumerable.Range(1, 40).Select(i => Task($"t{i:00}"))]);
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(kubelet.Seen.Count >= 10), "10 Jobs were made");

        var start = TimeProvider.System.GetTimestamp();
        await first.SignalAsync(signal);
        await UntilAsync(async () => await HolderAsync() == "second", "the second leads");
        var gap = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        TestContext.Current.TestOutputHelper?.WriteLine($"{signal}: the other led after {gap:0.00} s");
        Assert.InRange(gap, 0, limit);

        await UntilAsync(async () => (await TasksAsync()).Count(task => task.Status?.State == "done") == 40, "40 tasks are done");
        Assert.Equal(40, kubelet.Seen.Count);
        Assert.InRange(kubelet.Peak, 1, 5);
        Assert.All(await TasksAsync(), task => Assert.Equal((1, 1), (task.Status!.Attempt, task.Status.Attempts!.Count)));
        await second.StopAsync(CancellationToken);
    }
}
