using System.Collections.Concurrent;
using System.Globalization;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>Many tasks through two pools.</summary>
/// <remarks>2,000 in a usual run; 10,000 when <c>OCTOPOID_LONG=1</c>, which no usual run is, and which takes minutes on two cores.</remarks>
public sealed class ManyTasksTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    private static readonly int Count = Environment.GetEnvironmentVariable("OCTOPOID_LONG") == "1" ? 10_000 : 2_000;

    protected override bool CleansUp => false;

    [Fact]
    public async Task Many_tasks_run_within_every_limit_and_each_once()
    {
        await ApplyAsync("{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 50}}");
        await ApplyAsync(
            Blueprint(maxInstances: 50),
            Blueprint(maxInstances: 5, ", role: implementer").Replace("name: implementer", "name: small", StringComparison.Ordinal));
        await CreateTasksAsync(Enumerable.Range(0, Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"t{i}")));
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);

        // Every slot is in use once: on a slow machine agents that end at once would never fill them.
        var (started, isFull) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => UntilFull(), CancellationToken);
        var done = new ConcurrentDictionary<string, int>();
        await using var tasks = await RawWatch.StartAsync(
            Server,
            NamespacedPath("agenttasks"),
            (_, task) =>
            {
                var status = task.GetProperty("status");
                if (status.GetProperty("state").GetString() == "done")
                {
                    done[task.GetProperty("metadata").GetProperty("name").GetString()!] = status.GetProperty("attempt").GetInt32();
                }
            },
            CancellationToken);

        System.Threading.Tasks.Task UntilFull()
        {
            if (Interlocked.Increment(ref started) == 50)
            {
                isFull.SetResult();
            }

            return isFull.Task;
        }

        var start = TimeProvider.System.GetTimestamp();
        StartOperator(Server.OperatorKubeconfigPath, leaseSeconds: 15);
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(done.Count == Count), $"{Count} tasks are done", Math.Max(600, Count / 10));
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;

        var account = await observer.AccountAsync(CancellationToken);
        WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Count} tasks in {seconds:0.0} s, {Count / seconds:0} a second; at most {account.Peak} at once, {account.PeakOf($"{Namespace}/small")} of the small pool"));
        Assert.Empty(account.Violations);
        Assert.Equal(Count, account.Jobs);
        Assert.Equal(50, account.Peak);
        Assert.Equal(5, account.PeakOf($"{Namespace}/small"));
        Assert.All(done.Values, attempt => Assert.Equal(1, attempt));
    }
}
