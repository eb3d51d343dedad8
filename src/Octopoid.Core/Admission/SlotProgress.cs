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

    /// <summary>Between two looks at an attempt without a pod, however long it has waited.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>How old a claim without a Job may be to get its Job still: a leader that died between the two is followed in less. DESIGN §3.</summary>
    private static readonly TimeSpan YoungClaim = TimeSpan.FromMinutes(2);

    /// <summary>How long a sidecar may run on after the agent has ended. DESIGN §4.</summary>
    private static readonly TimeSpan SidecarGrace = TimeSpan.FromSeconds(60);

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
        var pods = state.Children.PodsOf(slot);
        state.TryFindTask(slot.TaskUid, out var task);
        if (!slot.IsStopping && job is { TerminalCondition: null, Metadata.IsBeingDeleted: false } && MustStop(slot, task))
        {
            return new Decision.DeleteJob(slot, job.Metadata.Uid);
        }

        if (PodTrouble.Of(slot, now) is { } trouble && trouble.Reason != slot.Announced)
        {
            return new Decision.Announce(slot, trouble.Reason, trouble.Message);
        }

        var isQuiet = (job is null || job.TerminalCondition is not null) && pods.All(pod => pod.IsTerminal());
        if (!isQuiet)
        {
            var next = slot.Phase == SlotPhase.Running && task is not null && !slot.IsStopping ? Work(slot, task, job, pods, state, now) : null;
            return next is null or Decision.Wait ? AtLeaving(slot, next as Decision.Wait, now) : next;
        }

        if (slot.NotBefore is { } time && time > now)
        {
            return new Decision.Wait(slot, time);
        }

        // A pod tells that its Job was made, and is not to be made again.
        if (slot.Phase == SlotPhase.Claimed && !slot.HasSeenPod && !IsOldFind(slot, now))
        {
            return task is null ? new Decision.Release(slot)
                : task.Spec.Cancel ? Finish(slot, task, state, AttemptEnd.Cancelled())
                : Start(slot, task, state);
        }

        if (pods.Count == 0 && !slot.IsConfirmedOver && slot.Refusal is null)
        {
            // No pod is known that has ended. One may run that no watch has shown yet, for each goes at its own pace; or that is watched no
            // more, for somebody has taken its labels off.
            return WaitForPods(slot, now) is { } wait ? wait : new Decision.Inspect(slot);
        }

        return slot.Phase == SlotPhase.Finished || task is null ? new Decision.Release(slot) : End(slot, task, job, state, now);
    }

    /// <summary>Whether what runs is to end: its task is cancelled, or its result is recorded already.</summary>
    private static bool MustStop(Slot slot, ObservedTask? task) => task is not null
        && (slot.Phase == SlotPhase.Finished ? task.Status?.Claim?.Attempt != slot.Attempt : task.Spec.Cancel);

    /// <summary>Whether Kubernetes has made a second pod for one that was disrupted (1.20 does, whatever the Job's <c>backoffLimit</c> says), and the first
    /// has had its last word.</summary>
    private static bool IsReplaced(Slot slot, IReadOnlyList<ObservedPod> pods, DateTimeOffset now) => slot.Pods.Count > 1
        && (now - slot.LeavingSince >= PodTrouble.Leaving
            || slot.Pods.SkipLast(1).All(old => old.IsTerminal() || pods.All(pod => pod.Metadata.Uid != old.Metadata.Uid)));

    /// <summary>A pod that does not go is looked at again when its time is up, whatever else is waited for.</summary>
    private static Decision.Wait? AtLeaving(Slot slot, Decision.Wait? other, DateTimeOffset now) =>
        slot.LeavingSince + PodTrouble.Leaving is { } time && now < time && !(other?.Until <= time) ? new Decision.Wait(other?.Slot ?? slot, time) : other;

    /// <summary>The next step of an attempt whose pod has not ended, or has none yet.</summary>
    private static Decision? Work(
        Slot slot, ObservedTask task, ObservedJob? job, IReadOnlyList<ObservedPod> pods, ClusterState state, DateTimeOffset now)
    {
        if (slot.IsConfirmedOver)
        {
            return null; // the watch is behind
        }

        if (IsReplaced(slot, pods, now))
        {
            // The result is recorded first: once the Job is gone, a leader after us could not tell that it was ever made.
            return Postponed(slot, now) is { } later ? later : End(slot, task, job, state, now);
        }

        var pod = pods.Count > 0 ? pods[^1] : null;
        if (pod is { Metadata.IsBeingDeleted: false } && pod.StateOf(Classification.AgentContainer)?.Terminated is { } agent)
        {
            // Others of its containers run on. What has no end would hold the slot for ever. The node's clock may be ahead, or may not have told.
            var seen = slot with { EndedAt = slot.EndedAt ?? now };
            var until = (agent.FinishedAt < seen.EndedAt ? agent.FinishedAt.Value : seen.EndedAt.Value) + SidecarGrace;
            return now < until ? new Decision.Wait(seen, until) : Postponed(slot, now) is { } pause ? pause : End(slot, task, job, state, now);
        }

        if (pod?.StateOf(Classification.AgentContainer)?.Running?.StartedAt is { } started
            && state.FindBlueprint(slot.Blueprint)?.Spec is { Type: BlueprintType.Custom, TimeoutSeconds: var seconds })
        {
            // No runner is there to stop it at its deadline; the node's clock may be ahead.
            var until = (started < now ? started : now) + TimeSpan.FromSeconds(seconds);
            return now < until ? new Decision.Wait(slot, until)
                : Postponed(slot, now) is { } pause ? pause
                : Finish(slot, task, state, AttemptEnd.Failure(Reasons.Deadline, $"The agent ran for longer than {seconds} s."));
        }

        if (slot.HasStarted || job is not { TerminalCondition: null, Metadata.IsBeingDeleted: false } || pod?.Metadata.IsBeingDeleted == true)
        {
            return null;
        }

        var limit = TimeSpan.FromSeconds((state.FindBlueprint(slot.Blueprint)?.Spec ?? new AgentBlueprintSpec()).PendingTimeoutSeconds);
        var due = pod is not null && PodTrouble.IsFinal(pod) ? now : PendingSince(slot, pod, now) is { } since ? since + limit : DateTimeOffset.MaxValue;
        if (pod is null && !slot.HasSeenPod && AwaitFirstPod(slot, due, now) is { } wait)
        {
            return wait;
        }

        if (now < due)
        {
            return due == DateTimeOffset.MaxValue ? null : new Decision.Wait(slot, due);
        }

        // It may run where no watch shows it, for somebody has taken its labels off.
        return pod is null && !(slot.InspectedAt >= due) ? new Decision.Inspect(slot)
            : Postponed(slot, now) is { } postponed ? postponed
            : Finish(slot, task, state, PodTrouble.NotStarted(slot, now, limit));
    }

    /// <summary>Since when an attempt waits for a node, an image or its turn; null while the workspace is made, which has a limit of its own.</summary>
    private static DateTimeOffset? PendingSince(Slot slot, ObservedPod? pod, DateTimeOffset now)
    {
        // A sidecar that is an init container runs on when all of them have had their turn.
        var init = pod?.Status?.InitContainerStatuses ?? [];
        var isInitialized = pod?.Status?.Conditions?.Any(condition => condition is { Type: "Initialized", Status: "True" }) == true;
        if (!isInitialized && init.Any(container => container.State?.Running is not null))
        {
            return null;
        }

        // Whoever wrote these times may have a clock that is ahead, or none.
        var since = init.Max(container => container.State?.Terminated?.FinishedAt) is { } made && made > slot.ClaimedAt ? made : slot.ClaimedAt;
        return since < now ? since : now;
    }

    /// <summary>A Job that gets no pod may wait for quota, of which its status says nothing.</summary>
    private static Decision? AwaitFirstPod(Slot slot, DateTimeOffset limit, DateTimeOffset now)
    {
        var since = slot.PodlessSince ?? now;
        var due = NextLook(slot, since);
        return limit <= due && limit <= now ? null
            : now < due ? new Decision.Wait(slot with { PodlessSince = since }, limit < due ? limit : due)
            : new Decision.Inspect(slot);
    }

    /// <summary>When to look at an attempt without a pod: each time after as long again as it has waited. The watch tells of its pod; only the reason why
    /// there is none must be asked for, and each look may cost the API server a namespace's pods and Events.</summary>
    private static DateTimeOffset NextLook(Slot slot, DateTimeOffset since)
    {
        var due = slot.InspectedAt is { } last && last > since ? last + (last - since < LongestPause ? last - since : LongestPause) : since + FirstPod;
        return slot.NotBefore is { } time && time > due ? time : due;
    }

    /// <summary>A claim without a Job, made by somebody before us: an old one has most likely had one, which was deleted since.</summary>
    private static bool IsOldFind(Slot slot, DateTimeOffset now) => slot.ClaimedTask is null && now - slot.ClaimedAt > YoungClaim;

    private static Decision.Wait? Postponed(Slot slot, DateTimeOffset now) =>
        slot.NotBefore is { } time && time > now ? new Decision.Wait(slot, time) : null;

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

    private static Decision End(Slot slot, ObservedTask task, ObservedJob? job, ClusterState state, DateTimeOffset now)
    {
        if (slot.Refusal is { } refusal)
        {
            return Finish(slot, task, state, task.Spec.Cancel ? AttemptEnd.Cancelled() : refusal);
        }

        if (!slot.HasSeenPod && WaitForPods(slot, now) is { } wait)
        {
            return wait;
        }

        var isCustom = state.FindBlueprint(slot.Blueprint)?.Spec.Type == BlueprintType.Custom;
        var contract = new AttemptContract(slot.Attempt)
        {
            MustReport = !isCustom || task.Spec.Repository is not null || slot.Condition is not null,
            IsReview = slot.Condition is not null,
            HasRepository = task.Spec.Repository is not null,
            HasWork = !isCustom || slot.Attempt > 1 || task.HasOpenPullRequest(),
        };
        var end = Classification.Of(contract, job, slot.Pods);

        // An agent that had done its work before it could be told to stop has done it.
        return Finish(
            slot,
            task,
            state,
            task.Spec.Cancel && end.Outcome is not (AttemptOutcome.Done or AttemptOutcome.Approved) ? AttemptEnd.Cancelled(end.Result) : end);
    }

    private static Decision.Finish Finish(Slot slot, ObservedTask task, ClusterState state, AttemptEnd end) => new(
        slot,
        end,
        state.FindFlow(slot.Task.Namespace, task.Spec.Flow),
        state.FindBlueprint(slot.Blueprint)?.Spec.Retry ?? new RetryPolicy());
}
