using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Status;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Loop;

/// <summary>The one thread that owns the state: takes in facts, decides, and hands the decisions to the effects.</summary>
internal sealed class AdmissionLoop(
    Inbox inbox, Watches watches, OrchestratorBootstrap bootstrap, EffectPool effects, StatusWriter status, TimeProvider time)
    : BackgroundService
{
    private readonly ClusterState _state = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await watches.Synced.WaitAsync(stoppingToken).ConfigureAwait(false);
        await bootstrap.EnsureAsync(stoppingToken).ConfigureAwait(false);
        while (!stoppingToken.IsCancellationRequested)
        {
            Cycle(time.GetUtcNow());
            await inbox.WaitAsync(Earlier(_state.NextAlarm, status.NextReport), stoppingToken).ConfigureAwait(false);
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
