using System.Text;
using BenchmarkDotNet.Attributes;
using Octopoid.Benchmarks.Library;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Watch;

namespace Octopoid.Benchmarks.Micro;

/// <summary>An event of a watch is read into the record that is kept.</summary>
[MemoryDiagnoser]
public class DecoderBenchmark
{
    private const int Batch = 100;

    private readonly byte[] _jobs = SampleJobs.Events(0, Batch, isEnded: true);
    private readonly byte[] _tasks = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, Batch)
        .Select(i => $$"""{"type":"ADDED","object":{{SampleTasks.Json(i).Replace("\n", "", StringComparison.Ordinal)}}}""" + "\n")));

    [Benchmark(OperationsPerInvoke = Batch)]
    public Task<int> Job() => ReadAsync(_jobs, WatchedJobs.Resource);

    [Benchmark(OperationsPerInvoke = Batch)]
    public Task<int> WaitingTask() => ReadAsync(
        _tasks,
        new WatchedResource<ObservedTask>(ResourcePaths.Tasks, ObservedJson.Default.ObservedTask, ObservedJson.Default.TaskList, task =>
            new ObjectIdentity(task.Metadata.Namespace ?? "", task.Metadata.Name, task.Metadata.Uid, task.Metadata.ResourceVersion)));

    private static async Task<int> ReadAsync<T>(byte[] events, WatchedResource<T> resource)
        where T : class
    {
        var count = 0;
        using var stream = new MemoryStream(events);
        await foreach (var line in WatchStream.ReadAsync(stream, resource, CancellationToken.None))
        {
            count += line.Object is null ? 0 : 1;
        }

        return count == Batch ? count : throw new InvalidOperationException($"{count} events");
    }
}
