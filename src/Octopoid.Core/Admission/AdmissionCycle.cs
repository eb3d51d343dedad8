using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>What follows from the state as it is now: slots move on or end, free ones are filled. No client, no clock, no I/O.</summary>
public static class AdmissionCycle
{
    /// <summary>Runs one cycle.</summary>
    /// <param name="state">All that is known, facts applied. Slots are noted in it before the writes that they stand for leave.</param>
    /// <param name="now">The time.</param>
    /// <returns>The requests to send, in order; each is answered by a fact, but for a deletion, whose end the watch tells.</returns>
    public static IReadOnlyList<Decision> Run(ClusterState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        var requests = new List<Decision>();
        var freed = new FreedSlots(state);

        // 1. Advance the slots that something has happened to. Those that end here are free for step 3.
        foreach (var taskUid in state.TakeTouchedSlots())
        {
            // What is only told changes nothing else: the slot's own next step comes after it.
            Decision? decision;
            do
            {
                decision = state.Ledger.Find(taskUid) is { } slot ? SlotProgress.Next(slot, state, now) : null;
                if (decision is Decision.Release release)
                {
                    freed.Add(release.Slot);
                }

                Note(decision, state, requests, now);
            }
            while (decision is Decision.Announce);
        }

        // 2. Write the status of tasks that nobody works on, where it is due.
        requests.AddRange(state.TakeDue());

        // 3. Fill the free slots.
        foreach (var claim in ClaimSelection.Decide(state, now))
        {
            Note(claim with { IsRefill = freed.Take(claim.Slot) }, state, requests, now);
        }

        // 4. Ask forges what is open, where that is due.
        requests.AddRange(state.TakeCounts(now));

        // 5. Clear away what was kept long enough.
        requests.AddRange(state.TakeRemovals(now));

        return requests;
    }

    private static void Note(Decision? decision, ClusterState state, List<Decision> requests, DateTimeOffset now)
    {
        switch (decision)
        {
            case Decision.Claim claim:
                state.Occupy(claim.Slot, now);
                requests.Add(claim);
                break;
            case Decision.CreateJob create:
                state.Ledger.Update(create.Slot with { Phase = SlotPhase.Creating });
                requests.Add(create);
                break;
            case Decision.Finish finish:
                state.Ledger.Update(finish.Slot with { Phase = SlotPhase.Finishing });
                state.CountFailedStart(finish.Slot, finish.End, now);
                requests.Add(finish);
                break;
            case Decision.DeleteJob delete:
                state.Ledger.Update(delete.Slot with { IsStopping = true });
                requests.Add(delete);
                break;
            case Decision.Inspect inspect:
                state.Ledger.Update(inspect.Slot with { IsInspecting = true });
                requests.Add(inspect);
                break;
            case Decision.Announce announce:
                state.Ledger.Update(announce.Slot with { Announced = announce.Reason });
                requests.Add(announce);
                break;
            case Decision.Wait wait:
                state.Ledger.Update(wait.Slot);
                state.SetAlarm(wait.Slot.TaskUid, wait.Until);
                break;
            case Decision.Release release:
                state.Release(release.Slot.TaskUid, now);
                break;
        }
    }
}
