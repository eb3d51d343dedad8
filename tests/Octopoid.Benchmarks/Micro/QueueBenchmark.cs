using BenchmarkDotNet.Attributes;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Benchmarks.Micro;

/// <summary>A task is put into its place in the middle of the queue and taken out again.</summary>
[MemoryDiagnoser]
public class QueueBenchmark
{
    private static readonly QueueKey Queue = new("work", "implementer", null);

    private readonly TaskQueues _queues = new();
    private readonly WaitingTask _entry = Entry(0) with { Uid = "n", CreatedAt = WaitingTasks.Now.AddSeconds(500) };

    /// <summary>How many tasks wait.</summary>
    [Params(1_000, 10_000, 100_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        for (var i = 0; i < Waiting; i++)
        {
            _queues.Put(Queue, Entry(i));
        }
    }

    [Benchmark]
    public int PutAndTakeOut()
    {
        _queues.Put(Queue, _entry);
        _queues.Remove(_entry.Uid);
        return _queues.Count;
    }

    private static WaitingTask Entry(int number) => new(TaskPriority.P2, WaitingTasks.Now.AddSeconds(number % 1000), $"{number:x12}", 3, "claimed");
}
