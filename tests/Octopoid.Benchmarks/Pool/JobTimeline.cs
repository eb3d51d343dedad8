using System.Diagnostics;
using System.Text.Json;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Pool;

/// <summary>When Jobs of a namespace began and ended, by a watch of its own: so what it says of two ways to make them differs by nothing but the two.</summary>
internal sealed class JobTimeline : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TimeSpan> _starts = [];
    private readonly Dictionary<string, TimeSpan> _ends = [];
    private RawWatch? _watch;
    private (int Count, TaskCompletionSource Reached)? _awaited;

    public static async Task<JobTimeline> StartAsync(BenchedPool pool, string namespaceName, CancellationToken cancellationToken)
    {
        var timeline = new JobTimeline();
        timeline._watch = await RawWatch.StartAsync(pool.Server, BenchedPool.Path(namespaceName, "jobs"), timeline.See, cancellationToken);
        return timeline;
    }

    /// <summary>The time on the clock of all timelines.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>Forgets all Jobs so far.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _starts.Clear();
            _ends.Clear();
        }
    }

    /// <summary>Completes when so many Jobs have begun since <see cref="Reset"/>.</summary>
    public Task UntilStartedAsync(int count, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_starts.Count >= count)
            {
                return Task.CompletedTask;
            }

            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited = (count, reached);
            return reached.Task.WaitAsync(TimeSpan.FromMinutes(5), cancellationToken);
        }
    }

    /// <summary>Starts and ends so far, by Job, in order of time.</summary>
    public (IReadOnlyList<(string Job, TimeSpan At)> Starts, IReadOnlyList<(string Job, TimeSpan At)> Ends) Read()
    {
        lock (_gate)
        {
            return (Sorted(_starts), Sorted(_ends));
        }

        static List<(string, TimeSpan)> Sorted(Dictionary<string, TimeSpan> times) => [.. times.Select(pair => (pair.Key, pair.Value)).OrderBy(pair => pair.Value)];
    }

    public async ValueTask DisposeAsync() => await (_watch?.DisposeAsync() ?? ValueTask.CompletedTask);

    private void See(string type, JsonElement job)
    {
        var now = Now;
        var name = job.GetProperty("metadata").GetProperty("name").GetString()!;
        var hasEnded = job.TryGetProperty("status", out var status) && status.TryGetProperty("conditions", out _);
        lock (_gate)
        {
            if (type == "ADDED" && _starts.TryAdd(name, now) && _awaited is { } awaited && _starts.Count >= awaited.Count)
            {
                awaited.Reached.TrySetResult();
            }

            if (type == "MODIFIED" && hasEnded)
            {
                _ends.TryAdd(name, now);
            }
        }
    }
}
