using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Tests.Status;

public sealed class PoolMetricsTests : IDisposable
{
    private static readonly NamespacedName Implementer = new("work", "implementer");

    private readonly SeenMetrics _seen = new();
    private readonly ClusterState _state = new();

    [Fact]
    public void A_slot_of_a_leader_before_whose_pod_runs_without_a_Job_is_not_starting()
    {
        var slot = Taken(SlotPhase.Claimed);
        _state.Occupy(slot.With(new ObservedPod { Metadata = new ObservedChildMeta { Name = "pod", Namespace = "work", Uid = "pod-uid", ResourceVersion = "1" } }), DateTimeOffset.UnixEpoch);

        Assert.Equal(0, Starting());
    }

    [Theory]
    [InlineData(SlotPhase.Claiming, 1)]
    [InlineData(SlotPhase.Claimed, 1)]
    [InlineData(SlotPhase.Creating, 1)]
    [InlineData(SlotPhase.Running, 0)]
    [InlineData(SlotPhase.Finishing, 0)]
    public void A_slot_is_starting_until_its_Job_is_made(SlotPhase phase, int starting)
    {
        _state.Occupy(Taken(phase), DateTimeOffset.UnixEpoch);

        Assert.Equal(starting, Starting());
        Assert.Equal([1], _seen.Of("octopoid.slots.occupied"));
    }

    private static Slot Taken(SlotPhase phase) => new("uid", new NamespacedName("work", "task"), Implementer, 1, "job", phase);

    private double Starting()
    {
        new PoolMetrics(_seen.Meters).Report(
            _state,
            [(new AgentBlueprint { Metadata = new ObjectMeta { Namespace = Implementer.Namespace, Name = Implementer.Name }, Spec = new AgentBlueprintSpec() }, new AgentBlueprintStatus { Instances = 1 })],
            new PullRequestGate(_state, DateTimeOffset.UnixEpoch));
        _seen.ReadGauges();
        return _seen.Of("octopoid.slots.starting").Sum();
    }

    public void Dispose() => _seen.Dispose();
}
