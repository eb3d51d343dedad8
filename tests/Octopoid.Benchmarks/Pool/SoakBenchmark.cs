using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Pool;

/// <summary>A pool at work for long, with agents that fail and connections that break: whatever grows, or is not given back, shows.</summary>
internal static class SoakBenchmark
{
    private const int Slots = 20;

    /// <summary>About as many tasks wait at all times.</summary>
    private const int Backlog = 100;

    /// <summary>Ended tasks and Jobs go soon, so that whatever the operator keeps for longer shows as growth.</summary>
    private const string Orchestrator =
        """{"spec":{"maxConcurrent":20,"retention":{"jobSeconds":2,"doneSeconds":5,"failedSeconds":5}}}""";

    private static readonly TimeSpan BetweenFaults = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan BetweenWords = TimeSpan.FromMinutes(5);

    /// <summary>Runs it.</summary>
    /// <param name="duration">For how long; an hour tells more than a minute.</param>
    /// <param name="seed">Decides how agents end and what breaks.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public static async Task<IReadOnlyList<Result>> RunAsync(TimeSpan duration, int seed, CancellationToken cancellationToken)
    {
        await using var pool = await BenchedPool.StartAsync(isAudited: false, cancellationToken);
        await pool.LimitAsync(Slots, cancellationToken);
        await pool.PatchAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", Orchestrator, cancellationToken);
        await pool.CreateBlueprintAsync(BenchedPool.Namespace, cancellationToken);
        await pool.PatchAsync(
            BenchedPool.Path(BenchedPool.Namespace, "agentblueprints/implementer"), """{"spec":{"retry":{"backoffSeconds":1,"maxBackoffSeconds":2}}}""", cancellationToken);
        await using var proxy = FaultProxy.Start(pool.Server.Uri);
        await pool.StartOperatorAsync(BenchedPool.Namespace, cancellationToken, proxy.Uri);

        var random = new Random(seed);
        await using var kubelet = await WatchingKubelet.StartAsync(
            pool.Server, BenchedPool.Namespace, EndOf, job => Task.Delay(TimeSpan.FromMilliseconds(100 + (Hash(job) % 400)), TimeProvider.System, cancellationToken), cancellationToken);
        var (made, samples, faults) = (0, new List<Sample>(), 0);
        var begin = JobTimeline.Now;
        var (nextFault, nextWord) = (begin + BetweenFaults, begin + BetweenWords);
        while (JobTimeline.Now - begin < duration)
        {
            var waiting = await pool.CountTasksAsync(BenchedPool.Namespace, "incoming", cancellationToken);
            await pool.CreateTasksAsync(
                BenchedPool.Namespace, Enumerable.Range(made, Math.Max(0, Backlog - waiting)).Select(i => string.Create(CultureInfo.InvariantCulture, $"task-{i:0000000}")), cancellationToken);
            made += Math.Max(0, Backlog - waiting);
            if (JobTimeline.Now > nextFault)
            {
                await DisturbAsync();
                faults++;
                nextFault = JobTimeline.Now + BetweenFaults;
            }

            await Task.Delay(BetweenSamples, TimeProvider.System, cancellationToken);
            samples.Add(Sample.Of(await pool.OperatorIdAsync(cancellationToken)));
            if (JobTimeline.Now > nextWord)
            {
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"  {(JobTimeline.Now - begin).TotalMinutes:0} min: {made} tasks made, {faults} faults, {samples[^1].ResidentBytes >> 20} MiB, {samples[^1].Files} files"));
                nextWord += BetweenWords;
            }
        }

        // All that is there ends; then no slot may be in use.
        await pool.UntilAsync(async () => await pool.CountTasksAsync(BenchedPool.Namespace, null, cancellationToken) == 0, "every task has ended and is gone", cancellationToken);
        await pool.UntilIdleAsync(cancellationToken);
        var page = await pool.MetricsAsync(cancellationToken);
        var (drift, occupied) = (Sum("octopoid_ledger_drift_total"), Sum("octopoid_cluster_slots_occupied"));
        var (early, late) = (samples.Skip(samples.Count / 4).Take(samples.Count / 4).ToList(), samples.TakeLast(samples.Count / 4).ToList());
        return
        [
            new($"soak of {duration.TotalMinutes:0} min, seed {seed}: {made} tasks, {faults} faults; slots in use at the end", "0", "", $"{occupied}", null, occupied == 0),
            new("  drift of the ledger found by the audit", "0", "", $"{drift}", null, drift == 0),
            Growth("resident memory, last quarter by second", "MiB", sample => sample.ResidentBytes / 1024.0 / 1024, 1.1),
            Growth("open files, last quarter by second", "", sample => sample.Files, 1.1),
            Growth("threads, last quarter by second", "", sample => sample.Threads, 1.2),
        ];

        // One that is not there at all must not pass for 0.
        double Sum(string name) => page.Where(pair => pair.Key.Split('{')[0] == name).Select(pair => pair.Value).DefaultIfEmpty(double.NaN).Sum();

        Result Growth(string what, string unit, Func<Sample, double> read, double goal)
        {
            var (before, after) = (early.Select(read).Median(), late.Select(read).Median());
            return new($"  {what}", string.Create(CultureInfo.InvariantCulture, $"<= {goal} x"), $"{before:0.#} {unit}", $"{after:0.#} {unit}", after / before, after / before <= goal);
        }

        async Task DisturbAsync()
        {
            switch (random.Next(4))
            {
                case 0:
                    proxy.Become(FaultMode.Reset);
                    await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
                    break;
                case 1:
                    proxy.Become(FaultMode.Drop);
                    await Task.Delay(TimeSpan.FromSeconds(4), TimeProvider.System, cancellationToken);
                    break;
                case 2:
                    await pool.Server.CompactAsync(cancellationToken);
                    proxy.Become(FaultMode.Reset);
                    break;
                default:
                    // Tasks that run, and tasks that wait, are deleted.
                    await pool.DeleteTasksAsync(BenchedPool.Namespace, 5, cancellationToken);
                    break;
            }

            proxy.Become(FaultMode.Forward);
        }
    }

    /// <summary>How an agent ends, by its Job's name: done, failed, again, or its pod vanishes.</summary>
    private static string EndOf(string job) => (Hash(job) % 20) switch
    {
        < 14 => Ended(0, BurstBenchmark.Done),
        < 17 => Ended(1, """{"outcome":"failed","reason":"Tests"}"""),
        < 19 => Ended(0, """{"outcome":"needs_continuation"}"""),
        _ => "",
    };

    private static string Ended(int exitCode, string message)
    {
        var terminated = new JsonObject { ["exitCode"] = exitCode, ["reason"] = exitCode == 0 ? "Completed" : "Error", ["message"] = message };
        var agent = new JsonObject { ["name"] = "agent", ["state"] = new JsonObject { ["terminated"] = terminated } };
        return new JsonObject { ["phase"] = exitCode == 0 ? "Succeeded" : "Failed", ["containerStatuses"] = new JsonArray(agent) }.ToJsonString();
    }

    /// <summary>The same for a name in every run.</summary>
    private static int Hash(string name) => name.Aggregate(17, (hash, letter) => ((hash * 31) + letter) & 0xFFFFFF);

    /// <summary>What a process holds.</summary>
    private sealed record Sample(long ResidentBytes, int Files, int Threads)
    {
        public static Sample Of(int process) => new(
            ProcessCost.Of(process).ResidentBytes, Directory.GetFileSystemEntries($"/proc/{process}/fd").Length, Directory.GetDirectories($"/proc/{process}/task").Length);
    }
}
