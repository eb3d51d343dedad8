using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>What a slot in use needs next. Pure.</summary>
public static class SlotProgress
{
    /// <summary>How long to wait for the pod's own word after its Job has ended. Shorter would lose results that the watch brings late,
    /// longer would hold slots for pods that are gone.</summary>
    private static readonly TimeSpan PodGrace = TimeSpan.FromSeconds(2);

    /// <summary>Job controllers make a pod within a second or two; after this, ask why there is none.</summary>
    private static readonly TimeSpan FirstPod = TimeSpan.FromSeconds(15);

    /// <summary>How old a claim without a Job may be to get its Job still: a leader that died between the two is followed in less. DESIGN §3.</summary>
    private static readonly TimeSpan YoungClaim = TimeSpan.FromMinutes(2);

    /// <summary>The next step of a slot, or null when it has only to wait for news.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="state">All that is known.</param>
    /// <param name="now">The time.</param>
    public static Decision? Next(Slot slot, ClusterState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(slot);
        ArgumentNullException.ThrowIfNull(state);
        if (slot.Phase is SlotPhase.Claiming or SlotPhase.Creating or SlotPhase.Finishing || slot.IsInspecting)
        {
            return null;
        }

        var job = state.Children.FindJob(slot);
        var pods = state.Children.PodsOf(slot) is { Count: > 0 } watched ? watched : slot.IsConfirmedOver ? slot.UnwatchedPods ?? [] : [];
        state.TryFindTask(slot.TaskUid, out var task);
        var isUnwanted = task?.Spec.Cancel == true && slot.Phase != SlotPhase.Finished;
        if (isUnwanted && !slot.IsCancelling && job is { TerminalCondition: null, Metadata.IsBeingDeleted: false })
        {
            return new Decision.DeleteJob(slot, job.Metadata.Uid);
        }

        var isQuiet = (job is null || job.TerminalCondition is not null) && pods.All(pod => pod.IsTerminal());
        if (!isQuiet)
        {
            return job is { TerminalCondition: null } && slot is { Phase: SlotPhase.Running, HasSeenPod: false, IsConfirmedOver: false }
                ? AwaitFirstPod(slot, now)
                : null;
        }

        if (slot.NotBefore is { } time && time > now)
        {
            return new Decision.Wait(slot, time);
        }

        // A pod tells that its Job was made, and is not to be made again.
        if (slot.Phase == SlotPhase.Claimed && !slot.HasSeenPod && !IsOldFind(slot, now))
        {
            return task is null ? new Decision.Release(slot)
                : isUnwanted ? Finish(slot, task, state, AttemptEnd.Cancelled())
                : Start(slot, task, state);
        }

        if (pods.Count == 0 && !slot.IsConfirmedOver && slot.Refusal is null)
        {
            // No pod is known that has ended. One may run that no watch has shown yet, for each goes at its own pace; or that is watched no
            // more, for somebody has taken its labels off.
            return WaitForPods(slot, now) is { } wait ? wait : new Decision.Inspect(slot);
        }

        return slot.Phase == SlotPhase.Finished || task is null ? new Decision.Release(slot) : End(slot, task, job, pods, state, now);
    }

    /// <summary>A Job that gets no pod may wait for quota, of which its status says nothing.</summary>
    private static Decision AwaitFirstPod(Slot slot, DateTimeOffset now)
    {
        var since = slot.PodlessSince ?? now;
        var due = slot.NotBefore is { } time && time > since + FirstPod ? time : since + FirstPod;
        return now < due ? new Decision.Wait(slot with { PodlessSince = since }, due) : new Decision.Inspect(slot);
    }

    /// <summary>A claim without a Job, made by somebody before us: an old one has most likely had one, which was deleted since.</summary>
    private static bool IsOldFind(Slot slot, DateTimeOffset now) => slot.ClaimedTask is null && now - slot.ClaimedAt > YoungClaim;

    private static Decision.Wait? WaitForPods(Slot slot, DateTimeOffset now)
    {
        var endedAt = slot.EndedAt ?? now;
        return now < endedAt + PodGrace ? new Decision.Wait(slot with { EndedAt = endedAt }, endedAt + PodGrace) : null;
    }

    private static Decision Start(Slot slot, ObservedTask task, ClusterState state)
    {
        if (state.FindBlueprint(slot.Blueprint) is not { } blueprint)
        {
            return Finish(slot, task, state, AttemptEnd.Infrastructure(
                Reasons.BlueprintMissing, $"The blueprint {slot.Blueprint.Name} was deleted before the attempt's Job was made."));
        }

        if (BlueprintRules.Violation(blueprint) is { } violation)
        {
            return Finish(slot, task, state, AttemptEnd.Infrastructure(Reasons.InvalidSpec, violation));
        }

        var repository = task.Spec.Repository is { } name
            ? state.FindRepository(new NamespacedName(slot.Task.Namespace, name))
            : null;
        return task.Spec.Repository is not null && repository is null
            ? Finish(slot, task, state, AttemptEnd.Infrastructure(
                Reasons.RepositoryMissing, $"The repository {task.Spec.Repository} was deleted before the attempt's Job was made."))
            : new Decision.CreateJob(slot, blueprint, repository);
    }

    private static Decision End(
        Slot slot, ObservedTask task, ObservedJob? job, IReadOnlyList<ObservedPod> pods, ClusterState state, DateTimeOffset now)
    {
        if (slot.Refusal is { } refusal)
        {
            return Finish(slot, task, state, task.Spec.Cancel ? AttemptEnd.Cancelled() : refusal);
        }

        if (pods.Count == 0 && WaitForPods(slot, now) is { } wait)
        {
            return wait;
        }

        var mustReport = task.Spec.Repository is not null || state.FindBlueprint(slot.Blueprint)?.Spec.Type != BlueprintType.Custom;
        var end = Classification.Of(slot.Attempt, job, pods, mustReport);

        // An agent that had done its work before it could be told to stop has done it.
        return Finish(slot, task, state, task.Spec.Cancel && end.Outcome != AttemptOutcome.Done ? AttemptEnd.Cancelled(end.Result) : end);
    }

    private static Decision.Finish Finish(Slot slot, ObservedTask task, ClusterState state, AttemptEnd end) => new(
        slot,
        end,
        state.FindFlow(slot.Task.Namespace, task.Spec.Flow),
        state.FindBlueprint(slot.Blueprint)?.Spec.Retry ?? new RetryPolicy());
}
