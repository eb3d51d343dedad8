using System.Globalization;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Pool;

/// <summary>A burst of 300 tasks under a limit of 5, each at work for half a second: how much of the slots' time is work, and what it costs the API server.</summary>
internal static class BurstBenchmark
{
    private const int Slots = 5;
    private const int Count = 300;

    /// <summary>What every agent answers.</summary>
    public const string Done = """{"outcome":"done","commits":1,"branch":"agent/x","headSHA":"abc"}""";

    private static readonly TimeSpan Work = TimeSpan.FromSeconds(0.5);

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        await using var pool = await BenchedPool.StartAsync(isAudited: true, cancellationToken);
        await pool.LimitAsync(Slots, cancellationToken);
        await pool.CreateBlueprintAsync(BenchedPool.Namespace, cancellationToken);
        await pool.StartOperatorAsync(BenchedPool.Namespace, cancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(
            pool.Server, BenchedPool.Namespace, Done, _ => Task.Delay(Work, TimeProvider.System, cancellationToken), cancellationToken);
        await using var timeline = await JobTimeline.StartAsync(pool, BenchedPool.Namespace, cancellationToken);

        // What does not count: the compiler's work.
        await RunAsync("warm-up", 50);
        timeline.Reset();
        var since = pool.Server.Audit!.Position;
        await RunAsync("task", Count);
        var requests = pool.Server.Audit.Requests(ControlPlane.OperatorUser, since);

        var (starts, ends) = timeline.Read();
        var busy = ends.Join(starts, end => end.Job, start => start.Job, (end, start) => (end.At - start.At).TotalSeconds).Sum();
        var share = busy / (Slots * (ends[^1].At - starts[0].At).TotalSeconds);
        var turnarounds = Turnarounds(starts, ends, Slots);
        var writes = requests.Where(request => request.IsWrite).ToList();
        var events = writes.Count(write => write.Resource == "events");
        var (attempts, others) = (
            writes.Count(write => write.Resource is "agenttasks/status" or "jobs") / (double)Count, writes.Count(write => write.Resource is not ("agenttasks/status" or "jobs" or "events")));
        return
        [
            Alone($"burst of {Count}, {Slots} slots, 0.5 s each: slots in use", ">= 98 %", share * 100, "%", share >= 0.98),
            Alone("  slot freed -> next Job, p50", "<= 15 ms", turnarounds.Percentile(50), "ms", turnarounds.Percentile(50) <= 15),
            Alone("  slot freed -> next Job, p99", "<= 50 ms", turnarounds.Percentile(99), "ms", turnarounds.Percentile(99) <= 50),
            Alone("  writes a task: claim, Job, result", "= 3", attempts, "", attempts == 3),
            Alone("  other writes in all, but Events (status once a second, Lease)", "", others, "", null),
            Alone("  Events a task", "<= 2", events / (double)Count, "", events <= 2 * Count),
            Alone("  reads in all", "0", requests.Count - writes.Count, "", requests.Count == writes.Count),
        ];

        async Task RunAsync(string name, int count)
        {
            await pool.CreateTasksAsync(
                BenchedPool.Namespace, Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"{name}-{i:0000}")), cancellationToken);
            await timeline.UntilStartedAsync(count, cancellationToken);
            await pool.UntilIdleAsync(cancellationToken);
        }
    }

    /// <summary>Milliseconds from each end to the start that it makes room for: while tasks wait, the n-th end lets the n-th start after the first ones go.</summary>
    public static IReadOnlyList<double> Turnarounds(
        IReadOnlyList<(string Job, TimeSpan At)> starts, IReadOnlyList<(string Job, TimeSpan At)> ends, int slots) =>
        [.. starts.Skip(slots).Zip(ends, (start, end) => (start.At - end.At).TotalMilliseconds)];

    private static Result Alone(string what, string goal, double ours, string unit, bool? isMet) =>
        new(what, goal, "", string.Create(CultureInfo.InvariantCulture, $"{ours:0.##} {unit}").Trim(), null, isMet);
}
