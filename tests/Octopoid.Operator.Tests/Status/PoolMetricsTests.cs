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

    [Theory]
    [InlineData(SlotPhase.Claiming, 1)]
    [InlineData(SlotPhase.Claimed, 1)]
    [InlineData(SlotPhase.Creating, 1)]
    [InlineData(SlotPhase.Running, 0)]
    [InlineData(SlotPhase.Finishing, 0)]
    public void A_slot_is_starting_until_its_Job_is_made(SlotPhase phase, int starting)
    {
        var metrics = new PoolMetrics(_seen.Meters);
        var now = DateTimeOffset.UnixEpoch;
        _state.Occupy(new Slot("uid", new NamespacedName("work", "task"), Implementer, 1, "job", phase), now);

        metrics.Report(
            _state,
            [(new AgentBlueprint { Metadata = new ObjectMeta { Namespace = Implementer.Namespace, Name = Implementer.Name }, Spec = new AgentBlueprintSpec() }, new AgentBlueprintStatus { Instances = 1 })],
            new PullRequestGate(_state, now));

        _seen.ReadGauges();

        Assert.Equal(starting, _seen.Of("octopoid.slots.starting").Sum());
        Assert.Equal([1], _seen.Of("octopoid.slots.occupied"));
    }

    public void Dispose() => _seen.Dispose();
}
