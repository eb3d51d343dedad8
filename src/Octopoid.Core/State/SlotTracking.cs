using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;

namespace Octopoid.Core.State;

/// <summary>
/// The slots in use, kept in step with their evidence: claims, Jobs, pods, and the answers of our own writes. A slot is taken before its first write, or when
/// a trace of an attempt is found that holds none; it is given back when the evidence says that nothing of its attempt is left (DESIGN §4).
/// </summary>
/// <param name="state">All that is known.</param>
/// <param name="declarations">What people have declared.</param>
internal sealed class SlotTracking(ClusterState state, Declarations declarations)
{
    /// <summary>What lives unseen, by labels that somebody has edited, is asked for again after this.</summary>
    private static readonly TimeSpan AfterInspection = TimeSpan.FromSeconds(10);

    private readonly HashSet<string> _touched = [];
    private readonly List<string> _drifts = [];
    private readonly Dictionary<string, int> _recorded = [];

    /// <summary>The slots in use.</summary>
    public Ledger Ledger { get; } = new();

    /// <summary>The Jobs and pods of tasks.</summary>
    public TaskChildren Children { get; } = new();

    /// <summary>Which blueprints' agents cannot be started.</summary>
    public Breakers Breakers { get; } = new();

    /// <summary>The tasks whose slots something has happened to since this was last called.</summary>
    public IReadOnlyCollection<string> TakeTouched()
    {
        string[] touched = [.. _touched];
        _touched.Clear();
        return touched;
    }

    /// <summary>What audits have found wrong and repaired since this was last called, a sentence each.</summary>
    public IReadOnlyList<string> TakeDrifts()
    {
        string[] drifts = [.. _drifts];
        _drifts.Clear();
        return drifts;
    }

    /// <summary>Has a task's slot, if it has one, looked at in the next cycle.</summary>
    public void Touch(string? taskUid)
    {
        if (taskUid is not null && Ledger.Find(taskUid) is not null)
        {
            _touched.Add(taskUid);
        }
    }

    /// <summary>Takes a slot into use; its task leaves the queue.</summary>
    public void Occupy(Slot slot, DateTimeOffset now)
    {
        Ledger.Occupy(slot);
        state.LeaveQueue(slot.TaskUid);
        if (slot.Phase == SlotPhase.Claiming)
        {
            Breakers.Occupy(slot, now);
        }
        else
        {
            Breakers.Find(slot);
        }
    }

    /// <summary>Gives a slot back.</summary>
    public void Free(string taskUid, DateTimeOffset now)
    {
        if (Ledger.Find(taskUid) is { } slot)
        {
            Ledger.Release(taskUid);
            Breakers.Release(slot, now);
            AwaitProbe(slot.Blueprint, Breakers.FindOpen(slot.Blueprint)?.NextProbe);
        }
    }

    /// <summary>Counts an attempt that could not start, once.</summary>
    public void CountFailedStart(Slot slot, AttemptEnd end, DateTimeOffset now)
    {
        if (!end.IsStartFailure || slot.IsCountedAsFailedStart || state.FindBlueprint(slot.Blueprint) is null || Ledger.Find(slot.TaskUid) is not { } held)
        {
            return;
        }

        Ledger.Update(held with { IsCountedAsFailedStart = true });
        var threshold = (state.Orchestrator?.Spec ?? new AgentOrchestratorSpec()).StartFailureThreshold;
        AwaitProbe(slot.Blueprint, Breakers.Fail(slot.Blueprint, end.Message, threshold, now));
    }

    /// <summary>Takes in a task: a claim that nobody here made, by a leader before us, takes its slot; a claim that is gone gives it back.</summary>
    /// <remarks>The attempt's number never goes back, so a state with a lower one is from before the claim and says nothing of it.</remarks>
    public void See(ObservedTask task, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        var slot = Ledger.Find(uid);
        if (task.Status?.Claim?.Attempt != _recorded.GetValueOrDefault(uid))
        {
            _recorded.Remove(uid);
        }

        if (task.Status?.Claim is { Blueprint: { } blueprint, Attempt: { } attempt, JobName: { } jobName } claim)
        {
            if (slot is null && _recorded.GetValueOrDefault(uid) != attempt)
            {
                var key = new NamespacedName(task.Metadata.Namespace, blueprint);
                var found = new Slot(uid, task.Metadata.Key(), key, attempt, jobName, SlotPhase.Claimed)
                {
                    ClaimedAt = claim.ClaimedAt,
                    Condition = claim.Condition,
                    OpensPullRequestIn = RepositoryRules.OpensPullRequestIn(task, declarations.FindBlueprint(key)),
                    MendsPullRequest = task.OpenPullRequest(),
                };
                Occupy(found with { Phase = Children.FindJob(found) is null ? SlotPhase.Claimed : SlotPhase.Running }, now);
                foreach (var pod in Children.PodsOf(found).ToList())
                {
                    SeePodOf(uid, pod, now);
                }
            }
        }
        else if (slot is { Phase: SlotPhase.Claimed or SlotPhase.Running or SlotPhase.Refused }
            && (task.Status?.Attempt ?? 0) >= slot.Attempt)
        {
            Ledger.Update(slot with { Phase = SlotPhase.Finished });
        }

        Touch(uid);
    }

    /// <summary>Takes in that a task is gone.</summary>
    public void Lose(string taskUid)
    {
        _recorded.Remove(taskUid);
        Touch(taskUid);
    }

    /// <summary>Takes in a blueprint.</summary>
    public void See(AgentBlueprint? previous, AgentBlueprint? current, DateTimeOffset now)
    {
        var key = BlueprintRules.Key((current ?? previous)!);
        AwaitProbe(key, Breakers.See(previous, current, now));
        if (previous?.Spec.PendingTimeoutSeconds != current?.Spec.PendingTimeoutSeconds)
        {
            foreach (var slot in Ledger.Slots.Where(slot => slot.Blueprint == key))
            {
                Touch(slot.TaskUid);
            }
        }
    }

    /// <summary>Takes in a Job.</summary>
    public void See(Fact.JobSeen fact, DateTimeOffset now)
    {
        Children.See(fact);
        var metadata = (fact.Current ?? fact.Previous)!.Metadata;
        if (fact.Current is { } job && TaskChildren.IsLiving(job))
        {
            HoldSlotOf(metadata, metadata.Name, now);
        }

        if (Ledger.FindByJob(new NamespacedName(metadata.Namespace, metadata.Name)) is { } slot)
        {
            // From here on a Job that is not there has been deleted, and is not made again.
            if (slot.Phase == SlotPhase.Claimed && Children.FindJob(slot) is not null)
            {
                Ledger.Update(slot with { Phase = SlotPhase.Running });
            }

            Touch(slot.TaskUid);
        }
    }

    /// <summary>Takes in a pod.</summary>
    public void See(Fact.PodSeen fact, DateTimeOffset now)
    {
        var jobs = Children.See(fact);
        if (fact.Current is { Metadata: { } metadata } pod && Children.IsLiving(pod) && (metadata.ControllerJob is not null || metadata.ControllerUid is null))
        {
            HoldSlotOf(metadata, metadata.ControllerJob ?? metadata.Name, now);
        }

        foreach (var slot in jobs.Select(Ledger.FindByJob).Append(Ledger.Find((fact.Current ?? fact.Previous)!.Metadata.TaskUid ?? "")).OfType<Slot>().ToList())
        {
            if (Children.PodsOf(slot).Concat(slot.Pods).FirstOrDefault(pod => pod.Metadata.Uid == (fact.Current ?? fact.Previous)!.Metadata.Uid) is { } known)
            {
                // Of one that is gone the last word is kept.
                SeePodOf(slot.TaskUid, fact.Current ?? fact.Previous ?? known, now);
            }

            Touch(slot.TaskUid);
        }
    }

    /// <summary>Our claim stands.</summary>
    public void Take(Fact.ClaimLanded fact) => Update(fact.TaskUid, fact.Attempt, slot => slot with
    {
        Phase = SlotPhase.Claimed, ClaimedTask = fact.Task, ClaimedAt = fact.Task.Status?.Claim?.ClaimedAt,
    });

    /// <summary>Our Job stands.</summary>
    public void Take(Fact.JobLanded fact) => Update(fact.TaskUid, fact.Attempt, slot => slot with
    {
        Phase = SlotPhase.Running, ClaimedTask = fact.Task ?? slot.ClaimedTask,
    });

    /// <summary>Our Job cannot be made.</summary>
    public void Take(Fact.JobRefused fact) =>
        Update(fact.TaskUid, fact.Attempt, slot => slot with { Phase = SlotPhase.Refused, Refusal = fact.End });

    /// <summary>The attempt's result was refused.</summary>
    public void Take(Fact.FinishRefused fact, DateTimeOffset now) => Update(fact.TaskUid, fact.Attempt, slot => slot with
    {
        Phase = slot.Refusal is null ? SlotPhase.Running : SlotPhase.Refused, NotBefore = now + fact.RetryAfter,
    });

    /// <summary>The attempt's result is recorded.</summary>
    public void Take(Fact.FinishLanded fact)
    {
        Update(fact.TaskUid, fact.Attempt, slot => slot with { Phase = SlotPhase.Finished });
        if (state.TryFindTask(fact.TaskUid, out var task) && task.Status?.Claim?.Attempt == fact.Attempt)
        {
            // The watch is behind: it still shows the claim, which must not be taken for a new one.
            _recorded[fact.TaskUid] = fact.Attempt;
        }
    }

    /// <summary>The API server has said what is left of an attempt.</summary>
    public void Take(Fact.Inspected fact, DateTimeOffset now)
    {
        var before = Ledger.Find(fact.TaskUid);
        Update(fact.TaskUid, fact.Attempt, slot => Unwatched(fact).Aggregate(slot, (seen, pod) => seen.With(pod)) with
        {
            IsInspecting = false,
            InspectedAt = now,
            IsConfirmedOver = fact.IsOver,
            QuotaExceeded = fact.QuotaExceeded,
            NotBefore = fact.IsOver ? null : now + AfterInspection,
        });
        NoteStart(before);
    }

    /// <summary>Compares the ledger with all that was seen, and repairs it: a slot that is missing is taken, one that was forgotten is looked
    /// at again. None is freed but by its own evidence.</summary>
    public void Audit(IEnumerable<ObservedTask> tasks, DateTimeOffset now)
    {
        foreach (var task in tasks.Where(task => task.Status?.Claim is not null && Ledger.Find(task.Metadata.Uid) is null).ToList())
        {
            See(task, now);
            if (Ledger.Find(task.Metadata.Uid) is not null)
            {
                _drifts.Add($"Task {task.Metadata.Key()} is claimed but held no slot.");
            }
        }

        foreach (var (child, job) in Children.Living().ToList())
        {
            if (HoldSlotOf(child, job, now))
            {
                _drifts.Add($"Job {child.Namespace}/{job} runs but held no slot.");
            }
        }

        foreach (var slot in Ledger.Slots.Where(slot => !_touched.Contains(slot.TaskUid)).ToList())
        {
            if (SlotProgress.Next(slot, state, now) is not (null or Decision.Wait))
            {
                Touch(slot.TaskUid);
                _drifts.Add($"The slot of task {slot.Task} was forgotten in phase {slot.Phase}.");
            }
        }
    }

    /// <summary>Notes that the clock was set back.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step)
    {
        foreach (var slot in Ledger.Slots.Where(slot => (slot.NotBefore ?? slot.EndedAt ?? slot.PodlessSince ?? slot.LeavingSince ?? slot.InspectedAt) is not null).ToList())
        {
            Ledger.Update(slot with
            {
                NotBefore = slot.NotBefore + step,
                EndedAt = slot.EndedAt + step,
                PodlessSince = slot.PodlessSince + step,
                LeavingSince = slot.LeavingSince + step,
                InspectedAt = slot.InspectedAt + step,
            });
        }

        Breakers.SetBack(step);
    }

    /// <summary>What runs holds a slot, whether or not a claim speaks of it: its task may be deleted, or its claim taken off, and a leader
    /// that begins then knows no other trace.</summary>
    /// <returns>True when it held none.</returns>
    private bool HoldSlotOf(ObservedChildMeta child, string jobName, DateTimeOffset now)
    {
        if (child is not { TaskUid: { } taskUid, Attempt: { } attempt, Blueprint: { } label } || Ledger.Find(taskUid) is not null)
        {
            return false;
        }

        var blueprint = declarations.FindByLabel(child.Namespace, label) is { } named
            ? BlueprintRules.Key(named)
            : new NamespacedName(child.Namespace, label);
        state.TryFindTask(taskUid, out var task);
        var key = task?.Metadata.Key() ?? new NamespacedName(child.Namespace, jobName);
        Occupy(new Slot(taskUid, key, blueprint, attempt, jobName, SlotPhase.Finished)
        {
            OpensPullRequestIn = task is null
                ? declarations.FindRepositoryByLabel(child.Namespace, child.Repository)
                : RepositoryRules.OpensPullRequestIn(task, declarations.FindBlueprint(blueprint)),
            MendsPullRequest = task?.OpenPullRequest(),
        }, now);
        return true;
    }

    private void SeePodOf(string taskUid, ObservedPod pod, DateTimeOffset now)
    {
        var before = Ledger.Find(taskUid)!;
        var slot = before.With(pod);
        var isLeaving = Children.PodsOf(slot).Any(other => other.Metadata.IsBeingDeleted && !other.IsTerminal());
        Ledger.Update(slot with { LeavingSince = isLeaving ? slot.LeavingSince ?? now : null });
        NoteStart(before);
    }

    /// <summary>Notes an agent that has started since. One that has run all along tells nothing of what can be started now.</summary>
    private void NoteStart(Slot? before)
    {
        if (before is { HasStarted: false } && Ledger.Find(before.TaskUid) is { HasStarted: true } slot)
        {
            Breakers.Succeed(slot);
        }
    }

    /// <summary>Pods that no watch tells of. Of the others it may have told more by now than the API server did when it was asked.</summary>
    private static IEnumerable<ObservedPod> Unwatched(Fact.Inspected fact) => (fact.Pods ?? []).Where(pod => !pod.Metadata.IsManaged);

    private void Update(string taskUid, int attempt, Func<Slot, Slot> on)
    {
        if (Ledger.Find(taskUid) is { } slot && slot.Attempt == attempt)
        {
            Ledger.Update(on(slot));
            Touch(taskUid);
        }
    }

    /// <summary>Has the loop wake when a degraded blueprint may start its next probe.</summary>
    private void AwaitProbe(NamespacedName blueprint, DateTimeOffset? time)
    {
        if (time is { } due)
        {
            state.SetAlarm(blueprint.ToString(), due);
        }
    }
}
