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
            await WaitAsync(stoppingToken).ConfigureAwait(false);
        }
    }

    /// <summary>One cycle: apply what has happened, advance the slots in use, fill the free ones, act, report.</summary>
    private void Cycle(DateTimeOffset now)
    {
        // 1. Apply.
        var hasChanged = _state.Ring(now);
        while (inbox.TryTake(out var fact))
        {
            _state.Apply(fact, now);
            hasChanged = true;
        }

        // 2. Advance the slots in use; those that end here are free for step 3.
        foreach (var taskUid in _state.TakeTouchedSlots())
        {
            if (_state.Ledger.Find(taskUid) is { } slot && SlotProgress.Next(slot, _state, now) is { } decision)
            {
                Carry(decision, now);
            }
        }

        // 3. Fill the free ones: each slot is in use before its first write leaves.
        foreach (var claim in AdmissionCycle.Decide(_state, now))
        {
            Carry(claim, now);
        }

        // 4. Report.
        status.Report(_state, hasChanged, now);
    }

    private void Carry(Decision decision, DateTimeOffset now)
    {
        switch (decision)
        {
            case Decision.Claim claim:
                _state.Occupy(claim.Slot);
                effects.Dispatch(claim);
                break;
            case Decision.CreateJob create:
                _state.Ledger.Update(create.Slot with { Phase = SlotPhase.Creating });
                effects.Dispatch(create);
                break;
            case Decision.Finish finish:
                _state.Ledger.Update(finish.Slot with { Phase = SlotPhase.Finishing });
                effects.Dispatch(finish);
                break;
            case Decision.Wait wait:
                _state.Ledger.Update(wait.Slot);
                _state.SetAlarm(wait.Slot.TaskUid, wait.Until);
                break;
            case Decision.Release release:
                _state.Release(release.Slot.TaskUid, now);
                break;
        }
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

        using var alarm = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(static s => ((CancellationTokenSource)s!).Cancel(), alarm, pause, Timeout.InfiniteTimeSpan);
        try
        {
            await inbox.WaitAsync(alarm.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The alarm has rung.
        }
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;
}
