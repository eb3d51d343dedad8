using BenchmarkDotNet.Attributes;
using Octopoid.Core.State;

namespace Octopoid.Benchmarks.Micro;

/// <summary>A slot is taken and given back, among those in use.</summary>
[MemoryDiagnoser]
public class LedgerBenchmark
{
    private static readonly NamespacedName Blueprint = new("work", "implementer");

    private readonly Ledger _ledger = new();
    private readonly Slot _slot = Slot(-1);

    /// <summary>How many slots are in use.</summary>
    [Params(100, 10_000)]
    public int InUse { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        for (var i = 0; i < InUse; i++)
        {
            _ledger.Occupy(Slot(i));
        }
    }

    [Benchmark]
    public int TakeAndGiveBack()
    {
        _ledger.Occupy(_slot);
        _ledger.Release(_slot.TaskUid);
        return _ledger.CountOf(Blueprint);
    }

    private static Slot Slot(int number) => new($"uid-{number}", new NamespacedName("work", $"task-{number}"), Blueprint, 1, $"job-{number}", SlotPhase.Claiming);
}
