using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Tests.Status;

public sealed class AttemptMetricsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly SeenMetrics _seen = new();
    private readonly ClusterState _state = new();
    private readonly AttemptMetrics _metrics;

    public AttemptMetricsTests() => _metrics = new AttemptMetrics(_seen.Meters, _time);

    [Fact]
    public void A_start_is_timed_from_the_beginning_of_the_cycle_that_decided_on_it()
    {
        var begun = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(2));
        var slot = Claim(begun, isRefill: true);
        _time.Advance(TimeSpan.FromSeconds(1));
        _metrics.Started(slot);

        Assert.Equal([3], _seen.Of("octopoid.claim_to_job"));
        Assert.Equal([3], _seen.Of("octopoid.slot.turnaround"));
        Assert.Equal([1], _seen.Of("octopoid.attempts.started"));
    }

    [Fact]
    public void What_waited_for_no_slot_has_no_turnaround()
    {
        var begun = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        _metrics.Started(Claim(begun));

        Assert.Equal([1], _seen.Of("octopoid.claim_to_job"));
        Assert.Empty(_seen.Of("octopoid.slot.turnaround"));
    }

    [Fact]
    public void A_slot_that_leaves_before_its_Job_is_made_is_forgotten()
    {
        var begun = _time.GetTimestamp();
        var slot = Claim(begun);
        _state.Release(slot.TaskUid, _time.GetUtcNow());
        _metrics.Decided([], _state.Ledger, begun);
        _time.Advance(TimeSpan.FromSeconds(1));
        _metrics.Started(slot);

        Assert.Empty(_seen.Of("octopoid.claim_to_job"));
    }

    [Fact]
    public void Another_attempt_of_a_task_is_another_start()
    {
        var slot = Claim(_time.GetTimestamp());
        _time.Advance(TimeSpan.FromSeconds(1));
        _metrics.Refused(slot with { Attempt = 2 }, isConflict: true);
        _metrics.Started(slot with { Attempt = 3 });
        Assert.Empty(_seen.Of("octopoid.claim_to_job"));
        Assert.Equal([1], _seen.Of("octopoid.claim.conflicts"));

        _metrics.Started(slot);
        Assert.Equal([1], _seen.Of("octopoid.claim_to_job"));
    }

    [Fact]
    public void What_is_under_way_ends_with_the_term()
    {
        var slot = Claim(_time.GetTimestamp());
        var gates = new GateReporter(null!, _seen.Meters, _time, NullLogger<GateReporter>.Instance);
        new StatusReporter(null!, null!, gates, new PoolMetrics(_seen.Meters), _metrics, null!).Dispose();
        _time.Advance(TimeSpan.FromSeconds(1));
        _metrics.Started(slot);

        Assert.Empty(_seen.Of("octopoid.claim_to_job"));
    }

    public void Dispose() => _seen.Dispose();

    private Slot Claim(long begun, bool isRefill = false)
    {
        var slot = new Slot("uid", new NamespacedName("work", "t"), new NamespacedName("work", "implementer"), 1, "job", SlotPhase.Claiming);
        _state.Occupy(slot, _time.GetUtcNow());
        _metrics.Decided([new Decision.Claim(slot, new ObservedTask { Metadata = new ObservedMeta { Name = "t", Namespace = "work", Uid = "uid", ResourceVersion = "1" } }, "claimed") { IsRefill = isRefill }], _state.Ledger, begun);
        return slot;
    }
}
