using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Pool;

/// <summary>An idle pool is given one task: how long from when a watch tells of it until one tells of its Job, beside a bare loop that sends the two writes as soon as a watch tells of the task.</summary>
internal static class LatencyBenchmark
{
    private const int WarmUp = 50;
    private const int Rounds = 200;

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        await using var pool = await BenchedPool.StartAsync(isAudited: false, cancellationToken);
        await pool.LimitAsync(10_000, cancellationToken);
        await pool.CreateBlueprintAsync(BenchedPool.Namespace, cancellationToken);
        await pool.CreateBlueprintAsync(BenchedPool.BareNamespace, cancellationToken);
        await pool.StartOperatorAsync(BenchedPool.Namespace, cancellationToken);
        using var bare = new BareLoop(pool);
        var blueprint = await bare.BlueprintAsync(cancellationToken);
        var theirs = await Side.StartAsync(
            pool,
            BenchedPool.BareNamespace,
            task => bare.SendAsync(BareLoop.Decide(blueprint, [task.Deserialize(KindsJson.Default.AgentTask)!]).Single(), cancellationToken),
            cancellationToken);
        var ours = await Side.StartAsync(pool, BenchedPool.Namespace, _ => Task.CompletedTask, cancellationToken);
        await using var disposeTheirs = theirs;
        await using var disposeOurs = ours;

        var (bareTimes, times) = (new List<double>(), new List<double>());
        for (var i = 0; i < WarmUp + Rounds; i++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"task-{i:0000}");
            bareTimes.Add(await theirs.MeasureAsync(name, cancellationToken));
            times.Add(await ours.MeasureAsync(name, cancellationToken));
        }

        bareTimes.RemoveRange(0, WarmUp);
        times.RemoveRange(0, WarmUp);
        return [Compare(50, 1.2), Compare(99, 2)];

        Result Compare(double percent, double goal)
        {
            var (a, b) = (times.Percentile(percent), bareTimes.Percentile(percent));
            return new($"idle: task seen -> Job seen, by the bare two writes, p{percent}", $"<= {goal.ToString(CultureInfo.InvariantCulture)} x", $"{b:0.0} ms", $"{a:0.0} ms", a / b, a / b <= goal);
        }
    }

    /// <summary>One of the two: its namespace, and what sees to it that tasks get Jobs there.</summary>
    private sealed class Side(BenchedPool pool, string namespaceName, Func<JsonElement, Task> act) : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, TimeSpan> _seen = new();
        private RawWatch? _tasks;
        private JobTimeline? _jobs;

        public static async Task<Side> StartAsync(BenchedPool pool, string namespaceName, Func<JsonElement, Task> act, CancellationToken cancellationToken)
        {
            var side = new Side(pool, namespaceName, act);
            side._jobs = await JobTimeline.StartAsync(pool, namespaceName, cancellationToken);
            side._tasks = await RawWatch.StartAsync(pool.Server, BenchedPool.Path(namespaceName, "agenttasks"), side.See, cancellationToken);
            return side;
        }

        /// <summary>Milliseconds from the task's sight to its Job's.</summary>
        public async Task<double> MeasureAsync(string name, CancellationToken cancellationToken)
        {
            _jobs!.Reset();
            await pool.CreateTaskAsync(namespaceName, name, cancellationToken);
            await _jobs.UntilStartedAsync(1, cancellationToken);
            return (_jobs.Read().Starts[0].At - _seen[name]).TotalMilliseconds;
        }

        public async ValueTask DisposeAsync()
        {
            await (_tasks?.DisposeAsync() ?? ValueTask.CompletedTask);
            await (_jobs?.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        private void See(string type, JsonElement task)
        {
            if (type == "ADDED")
            {
                _seen[task.GetProperty("metadata").GetProperty("name").GetString()!] = JobTimeline.Now;
                _ = act(task.Clone());
            }
        }
    }
}
