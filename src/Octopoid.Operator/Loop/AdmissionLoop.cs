using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Loop;

/// <summary>The one thread that owns the state: takes in facts, decides, and hands the decisions to the effects. For one term.</summary>
internal sealed class AdmissionLoop(Inbox inbox, EffectPool effects, StatusReporter status, DriftReporter drift, BlueprintEvents blueprints, AttemptMetrics metrics, LoopPulse pulse, TimeProvider time)
{
    /// <summary>Clocks are put right by little; less than this is no step.</summary>
    private static readonly TimeSpan Slewed = TimeSpan.FromMilliseconds(500);

    private readonly ClusterState _state = new();
    private (DateTimeOffset Now, long At)? _lastRead;

    /// <summary>All that is known. The loop's own: look, but do not touch.</summary>
    internal ClusterState State => _state;

    /// <summary>When the next cycle is due though nothing happens; null when it is not.</summary>
    internal DateTimeOffset? NextDue => Earlier(_state.NextAlarm, status.NextReport);

    /// <summary>Decides until the token is cancelled. The inbox must hold all that is so by then.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            pulse.Begin();
            foreach (var decision in Cycle())
            {
                effects.Dispatch(decision);
            }

            pulse.End();
            await inbox.WaitAsync(NextDue, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes in what has happened, and decides.</summary>
    internal IReadOnlyList<Decision> Cycle()
    {
        // Before facts are taken in: what a long cycle costs, those who wait for its claims feel.
        var begun = time.GetTimestamp();
        var now = ReadClock();
        var hasChanged = _state.RingAlarms(now);
        while (inbox.TryTake(out var fact))
        {
            _state.Apply(fact, now);
            hasChanged = true;
        }

        foreach (var repaired in _state.TakeDrifts())
        {
            drift.Report(repaired, _state.Orchestrator);
        }

        var decisions = AdmissionCycle.Run(_state, now);
        metrics.Decided(decisions, _state.Ledger, begun);
        foreach (var turn in _state.TakeTurns())
        {
            blueprints.Turned(turn, _state.FindBlueprint(turn.Blueprint));
        }

        status.Report(_state, hasChanged, now);
        return decisions;
    }

    /// <summary>Our own pauses end by the wall's clock, as the tasks' do; so that one which is set back prolongs none, they are set back with it.</summary>
    private DateTimeOffset ReadClock()
    {
        var (now, at) = (time.GetUtcNow(), time.GetTimestamp());
        if (_lastRead is var (lastNow, lastAt))
        {
            var step = now - lastNow - time.GetElapsedTime(lastAt, at);
            if (step < -Slewed)
            {
                _state.SetBack(step);
                status.SetBack(step);
            }
        }

        _lastRead = (now, at);
        return now;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;
}
