using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Loop;

/// <summary>The one thread that owns the state: takes in facts, decides, and hands the decisions to the effects. For one term.</summary>
internal sealed class AdmissionLoop(Inbox inbox, EffectPool effects, StatusReporter status, TimeProvider time)
{
    private readonly ClusterState _state = new();

    /// <summary>Decides until the token is cancelled. The inbox must hold all that is so by then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            Cycle(time.GetUtcNow());
            await inbox.WaitAsync(Earlier(_state.NextAlarm, status.NextReport), cancellationToken).ConfigureAwait(false);
        }
    }

    private void Cycle(DateTimeOffset now)
    {
        var hasChanged = _state.RingAlarms(now);
        while (inbox.TryTake(out var fact))
        {
            _state.Apply(fact, now);
            hasChanged = true;
        }

        foreach (var decision in AdmissionCycle.Run(_state, now))
        {
            effects.Dispatch(decision);
        }

        status.Report(_state, hasChanged, now);
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;
}
