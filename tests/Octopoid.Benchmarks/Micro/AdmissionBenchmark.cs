using BenchmarkDotNet.Attributes;
using Octopoid.Core.Admission;
using Octopoid.Core.State;

namespace Octopoid.Benchmarks.Micro;

/// <summary>What a decision costs: alone; and with all that goes before and after it, where a task is chosen and takes its slot, its claim is refused and the task, changed, goes back to its place, so that as many wait as before.</summary>
[MemoryDiagnoser]
public class AdmissionBenchmark
{
    /// <summary>Claims of one cycle.</summary>
    private const int Batch = 100;

    private ClusterState _state = null!;
    private long _version = 1;

    /// <summary>How many tasks wait.</summary>
    [Params(1_000, 10_000, 100_000)]
    public int Waiting { get; set; }

    [GlobalSetup]
    public void Fill() => _state = WaitingTasks.State(Waiting, Batch);

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Decide()
    {
        var claims = ClaimSelection.Decide(_state, WaitingTasks.Now).Count;
        return claims == Batch ? claims : throw new InvalidOperationException($"{claims} decisions");
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public int DecideAndGoBack()
    {
        var decisions = AdmissionCycle.Run(_state, WaitingTasks.Now);
        _version++;
        foreach (var decision in decisions)
        {
            var (slot, task) = ((Decision.Claim)decision) is var claim ? (claim.Slot, claim.Task) : default;
            _state.Apply(new Fact.ClaimRefused(slot.TaskUid, slot.Attempt, task.Metadata.ResourceVersion, TimeSpan.FromSeconds(5)), WaitingTasks.Now);
            var changed = task with { Metadata = task.Metadata with { ResourceVersion = $"{_version}" } };
            _state.Apply(new Fact.TaskSeen(task, changed), WaitingTasks.Now);
        }

        return decisions.Count == Batch ? Batch : throw new InvalidOperationException($"{decisions.Count} decisions");
    }
}
