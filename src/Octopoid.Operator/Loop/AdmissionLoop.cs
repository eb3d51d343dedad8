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
    /// <summary>Timers end at 49 days; an alarm further off is looked at again.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private readonly ClusterState _state = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await watches.Synced.WaitAsync(stoppingToken).ConfigureAwait(false);
        await bootstrap.EnsureAsync(stoppingToken).ConfigureAwait(false);
        while (!stoppingToken.IsCancellationRequested)
        {
            Cycle(time.GetUtcNow());
            await WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    private void Cycle(DateTimeOffset now)
    {
        var hasChanged = _state.Ring(now);
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

    /// <summary>Waits for news, for the next alarm, or for the next report that is due.</summary>
    private async Task WaitAsync(CancellationToken cancellationToken)
    {
        var due = Earlier(_state.NextAlarm, status.NextReport);
        if (due is null)
        {
            await inbox.WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var pause = due.Value - time.GetUtcNow();
        if (pause <= TimeSpan.Zero)
        {
            return;
        }

        using var alarm = new CancellationTokenSource(pause < LongestPause ? pause : LongestPause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, alarm.Token);
        try
        {
            await inbox.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The alarm has rung.
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;
}
