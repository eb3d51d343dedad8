using System.Diagnostics.CodeAnalysis;
using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;

namespace Octopoid.Core.State;

/// <summary>All that admission knows: the objects seen, the slots in use, the tasks that wait. Changed by facts, read by everything else.</summary>
/// <remarks>Used by one thread. Each fact costs O(log n), but for a change of a flow or a repository, which looks at every task.</remarks>
public sealed class ClusterState
{
    /// <summary>What lives unseen, by labels that somebody has edited, is asked for again after this.</summary>
    private static readonly TimeSpan AfterInspection = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, ObservedTask> _tasks = [];
    private readonly Dictionary<NamespacedName, string> _taskUids = [];
    private readonly Declarations _declarations = new();
    private readonly Dependencies _dependencies;
    private readonly PullRequestTracking _pullRequests = new();
    private readonly Settlements _settlements = new();
    private readonly Retention _retention;
    private readonly Dictionary<string, (string Version, DateTimeOffset Until)> _refused = [];
    private readonly PriorityQueue<string, DateTimeOffset> _alarms = new();
    private readonly HashSet<string> _touchedSlots = [];
    private readonly List<string> _drifts = [];
    private readonly HeldTasks _held = new();
    private readonly Dictionary<string, int> _recorded = [];

    /// <summary>Makes a state that knows of nothing.</summary>
    public ClusterState() => (_dependencies, _retention) = (new Dependencies(FindTask), new Retention(this));

    /// <summary>The slots in use.</summary>
    public Ledger Ledger { get; } = new();

    /// <summary>The tasks that could start.</summary>
    public TaskQueues Queues { get; } = new();

    /// <summary>The Jobs and pods of tasks.</summary>
    public TaskChildren Children { get; } = new();

    /// <summary>The open pull requests.</summary>
    public PullRequestCounts PullRequests => _pullRequests.Counts;

    /// <summary>The orchestrator; null when there is none: then nothing starts.</summary>
    public AgentOrchestrator? Orchestrator => _declarations.Orchestrator;

    /// <summary>Every blueprint.</summary>
    public IReadOnlyCollection<AgentBlueprint> Blueprints => _declarations.Blueprints;

    /// <summary>Every repository.</summary>
    public IReadOnlyCollection<AgentRepository> Repositories => _declarations.Repositories;

    /// <summary>The same, those together that speak of the same pull requests of a forge.</summary>
    internal IEnumerable<IReadOnlyCollection<AgentRepository>> RepositoriesBySource => _declarations.Sources;

    /// <summary>Every flow, without the built-in one.</summary>
    public IEnumerable<AgentFlow> Flows => _declarations.Flows;

    /// <summary>How many tasks wait for something that no free slot brings, by namespace and reason.</summary>
    public IReadOnlyDictionary<(string Namespace, string Reason), int> Held => _held.Counts;

    /// <summary>Which blueprints' agents cannot be started.</summary>
    internal Breakers Breakers { get; } = new();

    /// <summary>When time alone will next change something; null when it will not.</summary>
    public DateTimeOffset? NextAlarm => new[] { _alarms.TryPeek(out _, out var time) ? time : null, _retention.Next, _pullRequests.Next, _pullRequests.NextStale }.Min();

    /// <summary>The tasks whose slots something has happened to since <see cref="TakeTouchedSlots"/> was last called.</summary>
    public IReadOnlyCollection<string> TakeTouchedSlots()
    {
        var touched = _touchedSlots.ToArray();
        _touchedSlots.Clear();
        return touched;
    }

    /// <summary>The tasks whose status is to be written though nobody works on them, each once until <see cref="Fact.SettlementEnded"/> answers.</summary>
    internal IReadOnlyList<Decision.Settle> TakeDue() =>
    [
        .. _settlements.Take().Select(due =>
        {
            var task = _tasks[due.Uid];
            return new Decision.Settle(task, FindFlow(task.Metadata.Namespace, task.Spec.Flow), due.Claimable)
            {
                PullRequest = _pullRequests.NewsOf(task), HasForge = RepositoryRules.HasForge(RepositoryOf(task)),
            };
        }),
    ];

    /// <summary>What was kept long enough, a few at a time.</summary>
    /// <param name="now">The time.</param>
    internal IReadOnlyList<Decision.Remove> TakeRemovals(DateTimeOffset now) => _retention.Take(now);

    /// <summary>The counts of open pull requests to ask forges for now, each once until a fact answers.</summary>
    /// <param name="now">The time.</param>
    internal IReadOnlyList<Decision.CountPullRequests> TakeCounts(DateTimeOffset now) => _pullRequests.Take(this, now);

    /// <summary>True when a task that has not ended names another in <c>blockedBy</c>: without that it would wait for ever.</summary>
    /// <param name="task">The other task.</param>
    internal bool IsNeeded(ObservedTask task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return _dependencies.DependentsOf(task.Metadata.Key()).Any(key => FindTask(key) is { } dependent && !FlowRules.IsTerminal(dependent.State()));
    }

    /// <summary>What self-audits have found wrong and repaired since this was last called, a sentence each.</summary>
    public IReadOnlyList<string> TakeDrifts()
    {
        string[] drifts = [.. _drifts];
        _drifts.Clear();
        return drifts;
    }

    /// <summary>The blueprints that have become degraded, or well again, since this was last called.</summary>
    public IReadOnlyList<BreakerTurn> TakeTurns() => Breakers.TakeTurns();

    /// <summary>A task by UID.</summary>
    /// <param name="uid">The UID.</param>
    /// <param name="task">The task.</param>
    public bool TryFindTask(string uid, [NotNullWhen(true)] out ObservedTask? task) => _tasks.TryGetValue(uid, out task);

    /// <summary>A blueprint by name, or null.</summary>
    /// <param name="key">Where it is.</param>
    public AgentBlueprint? FindBlueprint(NamespacedName key) => _declarations.FindBlueprint(key);

    /// <summary>A repository by name, or null.</summary>
    /// <param name="key">Where it is.</param>
    public AgentRepository? FindRepository(NamespacedName key) => _declarations.FindRepository(key);

    /// <summary>What the pull requests of a repository are counted under, with those of others that speak of the same.</summary>
    /// <param name="repository">The repository.</param>
    internal string SourceOf(NamespacedName repository) => _declarations.SourceOf(repository);

    /// <summary>A repository, and the others that speak of the same pull requests of a forge.</summary>
    /// <param name="repository">The repository.</param>
    internal IReadOnlyCollection<AgentRepository> NamesakesOf(AgentRepository repository) => _declarations.NamesakesOf(repository);

    /// <summary>True when a blueprint serves a role, able to start now or not.</summary>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="role">The role.</param>
    public bool IsServed(string namespaceName, string role) => _declarations.IsServed(namespaceName, role);

    /// <summary>A flow by name: an AgentFlow, else the built-in one of that name; null when there is none, or it is not valid.</summary>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="name">The name; null means the default.</param>
    public AgentFlowSpec? FindFlow(string namespaceName, string? name) =>
        _declarations.FindFlow(namespaceName, name) is { Violation: null } flow ? flow.Spec : null;

    /// <summary>Takes in what has happened.</summary>
    /// <param name="fact">What.</param>
    /// <param name="now">The time.</param>
    public void Apply(Fact fact, DateTimeOffset now)
    {
        switch (fact)
        {
            case Fact.TaskSeen { Current: { } task }: SeeTask(task, now); break;
            case Fact.TaskSeen { Previous: { } task }: LoseTask(task, now); break;
            case Fact.BlueprintSeen f: SeeBlueprint(f, now); break;
            case Fact.FlowSeen f: SeeFlow(f, now); break;
            case Fact.RepositorySeen f: SeeRepository(f, now); break;
            case Fact.PullRequestsCounted f: TakeCount(f, now); break;
            case Fact.PullRequestCountFailed f: _pullRequests.Take(f, now); break;
            case Fact.AuditDue: Audit(now); break;
            case Fact.OrchestratorSeen f:
                _declarations.Orchestrator = f.Current;
                _retention.See(f.Current?.Spec.Retention, _tasks.Values);
                break;
            case Fact.JobSeen f: SeeJob(f, now); break;
            case Fact.PodSeen f: SeePod(f, now); break;
            case Fact.ClaimRefused f: RefuseClaim(f, now); break;
            case Fact.ClaimLanded f: UpdateSlot(f.TaskUid, f.Attempt, slot => slot with
            {
                Phase = SlotPhase.Claimed, ClaimedTask = f.Task, ClaimedAt = f.Task.Status?.Claim?.ClaimedAt,
            });
                break;
            case Fact.JobLanded f: UpdateSlot(f.TaskUid, f.Attempt, slot => slot with
            {
                Phase = SlotPhase.Running, ClaimedTask = f.Task ?? slot.ClaimedTask,
            });
                break;
            case Fact.JobRefused f: UpdateSlot(f.TaskUid, f.Attempt, slot => slot with { Phase = SlotPhase.Refused, Refusal = f.End }); break;
            case Fact.FinishRefused f: UpdateSlot(f.TaskUid, f.Attempt, slot => slot with
            {
                Phase = slot.Refusal is null ? SlotPhase.Running : SlotPhase.Refused, NotBefore = now + f.RetryAfter,
            });
                break;
            case Fact.SettlementEnded f: EndSettlement(f, now); break;
            case Fact.Inspected f: TakeInspection(f, now); break;
            case Fact.FinishLanded f: FinishSlot(f); break;
        }
    }

    /// <summary>Lets time pass: tasks whose back-off has ended may start, slots that waited are looked at again.</summary>
    /// <param name="now">The time.</param>
    /// <returns>True when an alarm has rung.</returns>
    public bool RingAlarms(DateTimeOffset now)
    {
        var hasRung = false;
        hasRung |= _pullRequests.RingStale(now);
        while (_alarms.TryPeek(out var uid, out var time) && time <= now)
        {
            _alarms.Dequeue();
            MarkTouched(uid);
            Requeue(uid, now);
            hasRung = true;
        }

        return hasRung;
    }

    /// <summary>Notes that the clock was set back: pauses that have begun last no longer for it. What a task waits for by its own time goes by that.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step)
    {
        var alarms = _alarms.UnorderedItems.Select(alarm => (alarm.Element, alarm.Priority + step)).ToList();
        _alarms.Clear();
        _alarms.EnqueueRange(alarms);
        foreach (var (uid, refused) in _refused.ToList())
        {
            _refused[uid] = refused with { Until = refused.Until + step };
        }

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

        _pullRequests.SetBack(step);
        Breakers.SetBack(step);
        _settlements.SetBack(step);
        _retention.SetBack(step);
    }

    /// <summary>Asks to be rung for a task.</summary>
    /// <param name="uid">The task's UID.</param>
    /// <param name="time">When.</param>
    public void SetAlarm(string uid, DateTimeOffset time) => _alarms.Enqueue(uid, time);

    /// <summary>Takes a slot into use before its first write; its task leaves the queue.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="now">The time.</param>
    public void Occupy(Slot slot, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Ledger.Occupy(slot);
        Queues.Remove(slot.TaskUid);
        _held.Remove(slot.TaskUid);
        _settlements.Forget(slot.TaskUid);
        if (slot.Phase == SlotPhase.Claiming)
        {
            Breakers.Occupy(slot, now);
        }
        else
        {
            Breakers.Find(slot);
        }
    }

    /// <summary>Counts an attempt that could not start, once.</summary>
    /// <param name="slot">The attempt's slot.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="now">The time.</param>
    public void CountFailedStart(Slot slot, AttemptEnd end, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(slot);
        ArgumentNullException.ThrowIfNull(end);
        if (!end.IsStartFailure || slot.IsCountedAsFailedStart || FindBlueprint(slot.Blueprint) is null || Ledger.Find(slot.TaskUid) is not { } held)
        {
            return;
        }

        Ledger.Update(held with { IsCountedAsFailedStart = true });
        var threshold = (Orchestrator?.Spec ?? new AgentOrchestratorSpec()).StartFailureThreshold;
        AwaitProbe(slot.Blueprint, Breakers.Fail(slot.Blueprint, end.Message, threshold, now));
    }

    /// <summary>Gives a slot back; its task, if it is to run again, takes its place in a queue.</summary>
    /// <param name="taskUid">The task's UID.</param>
    /// <param name="now">The time.</param>
    public void Release(string taskUid, DateTimeOffset now)
    {
        if (Ledger.Find(taskUid) is { Refusal: null, OpensPullRequestIn: { } repository } slot
            && (slot.Phase != SlotPhase.Claimed || slot.HasSeenPod)
            && !IsOpen(repository, slot.MendsPullRequest)
            && RepositoryRules.HasForge(FindRepository(repository)))
        {
            _pullRequests.End(repository, now);
        }

        Free(taskUid, now);
        if (_tasks.TryGetValue(taskUid, out var task))
        {
            CompareSlot(task, now);
        }

        Requeue(taskUid, now);
    }

    private void Free(string taskUid, DateTimeOffset now)
    {
        if (Ledger.Find(taskUid) is { } slot)
        {
            Ledger.Release(taskUid);
            Breakers.Release(slot, now);
            AwaitProbe(slot.Blueprint, Breakers.FindOpen(slot.Blueprint)?.NextProbe);
        }
    }

    /// <summary>Has the loop wake when a degraded blueprint may start its next probe.</summary>
    private void AwaitProbe(NamespacedName blueprint, DateTimeOffset? time)
    {
        if (time is { } due)
        {
            SetAlarm(blueprint.ToString(), due);
        }
    }

    private void SeeTask(ObservedTask task, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        var known = _tasks.GetValueOrDefault(uid);
        if (task.Status?.Claim?.Attempt != _recorded.GetValueOrDefault(uid))
        {
            _recorded.Remove(uid);
        }

        _pullRequests.See(known, task);
        _tasks[uid] = task;
        _taskUids[task.Metadata.Key()] = uid;
        if (known?.State() != task.State())
        {
            _retention.See(task);
        }

        var concerned = _dependencies.Change(known, task);
        CompareSlot(task, now);
        Requeue(uid, now);
        RequeueAll(concerned, now);
        if (known?.State() != task.State())
        {
            RequeueAll([.. _dependencies.DependentsOf(task.Metadata.Key())], now);
        }
    }

    private void LoseTask(ObservedTask task, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        _tasks.Remove(uid, out var known);
        if (known is not null)
        {
            _pullRequests.See(known, null);
        }

        _refused.Remove(uid);
        var key = task.Metadata.Key();
        if (_taskUids.GetValueOrDefault(key) == uid)
        {
            _taskUids.Remove(key);
        }

        Queues.Remove(uid);
        _held.Remove(uid);
        _settlements.Forget(uid);
        _recorded.Remove(uid);
        MarkTouched(uid);
        if (known is not null)
        {
            RequeueAll(_dependencies.Change(known, null), now);
        }

        RequeueAll([.. _dependencies.DependentsOf(key)], now);
    }

    /// <summary>A claim that nobody here made, by a leader before us, takes its slot; a claim that is gone gives it back.</summary>
    /// <remarks>The attempt's number never goes back, so a state with a lower one is from before the claim and says nothing of it.</remarks>
    private void CompareSlot(ObservedTask task, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        var slot = Ledger.Find(uid);
        if (task.Status?.Claim is { Blueprint: { } blueprint, Attempt: { } attempt, JobName: { } jobName } claim)
        {
            if (slot is null && _recorded.GetValueOrDefault(uid) != attempt)
            {
                var key = new NamespacedName(task.Metadata.Namespace, blueprint);
                var found = new Slot(uid, task.Metadata.Key(), key, attempt, jobName, SlotPhase.Claimed)
                {
                    ClaimedAt = claim.ClaimedAt,
                    Condition = claim.Condition,
                    OpensPullRequestIn = OpensPullRequestIn(task, FindBlueprint(key)),
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

        MarkTouched(uid);
    }

    /// <summary>Compares the ledger with all that was seen, and repairs it: a slot that is missing is taken, one that was forgotten is looked
    /// at again. None is freed but by its own evidence.</summary>
    private void Audit(DateTimeOffset now)
    {
        foreach (var task in _tasks.Values.Where(task => task.Status?.Claim is not null && Ledger.Find(task.Metadata.Uid) is null).ToList())
        {
            CompareSlot(task, now);
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

        foreach (var slot in Ledger.Slots.Where(slot => !_touchedSlots.Contains(slot.TaskUid)).ToList())
        {
            if (SlotProgress.Next(slot, this, now) is not (null or Decision.Wait))
            {
                MarkTouched(slot.TaskUid);
                _drifts.Add($"The slot of task {slot.Task} was forgotten in phase {slot.Phase}.");
            }
        }
    }

    private void SeeJob(Fact.JobSeen fact, DateTimeOffset now)
    {
        Children.See(fact);
        _retention.See(fact.Previous, fact.Current, now);
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

            MarkTouched(slot.TaskUid);
        }
    }

    private void SeePod(Fact.PodSeen fact, DateTimeOffset now)
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

            MarkTouched(slot.TaskUid);
        }
    }

    private void SeePodOf(string taskUid, ObservedPod pod, DateTimeOffset now)
    {
        var before = Ledger.Find(taskUid)!;
        var slot = before.With(pod);
        var isLeaving = Children.PodsOf(slot).Any(other => other.Metadata.IsBeingDeleted && !other.IsTerminal());
        Ledger.Update(slot with { LeavingSince = isLeaving ? slot.LeavingSince ?? now : null });
        NoteStart(before);
    }

    /// <summary>Pods that no watch tells of. Of the others it may have told more by now than the API server did when it was asked.</summary>
    private static IEnumerable<ObservedPod> Unwatched(Fact.Inspected fact) => (fact.Pods ?? []).Where(pod => !pod.Metadata.IsManaged);

    private void TakeInspection(Fact.Inspected fact, DateTimeOffset now)
    {
        var before = Ledger.Find(fact.TaskUid);
        UpdateSlot(fact.TaskUid, fact.Attempt, slot => Unwatched(fact).Aggregate(slot, (seen, pod) => seen.With(pod)) with
        {
            IsInspecting = false,
            InspectedAt = now,
            IsConfirmedOver = fact.IsOver,
            QuotaExceeded = fact.QuotaExceeded,
            NotBefore = fact.IsOver ? null : now + AfterInspection,
        });
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

    /// <summary>True when a pull request is known to be open: by its forge's last count, or where there is no forge because a task has it on record.</summary>
    /// <param name="repository">Its repository.</param>
    /// <param name="number">Its number; null: there is none.</param>
    internal bool IsOpen(NamespacedName repository, long? number) => number is { } known
        && (!RepositoryRules.HasForge(FindRepository(repository))
            || (PullRequests.CountOf(repository)?.Said.Known.TryGetValue(known, out var seen) == true && seen.State == PullRequestState.Open));

    /// <summary>The repository in which an attempt may open a pull request; null when it will not.</summary>
    /// <param name="task">Its task.</param>
    /// <param name="blueprint">Whose instance it is; null when that is unknown: then it may.</param>
    internal static NamespacedName? OpensPullRequestIn(ObservedTask task, AgentBlueprint? blueprint) =>
        task.Spec.Repository is { } repository && blueprint?.Spec.OpensPullRequests != false
            ? new NamespacedName(task.Metadata.Namespace, repository)
            : null;

    /// <summary>What runs holds a slot, whether or not a claim speaks of it: its task may be deleted, or its claim taken off, and a leader
    /// that begins then knows no other trace.</summary>
    /// <returns>True when it held none.</returns>
    private bool HoldSlotOf(ObservedChildMeta child, string jobName, DateTimeOffset now)
    {
        if (child is not { TaskUid: { } taskUid, Attempt: { } attempt, Blueprint: { } label } || Ledger.Find(taskUid) is not null)
        {
            return false;
        }

        var blueprint = _declarations.FindByLabel(child.Namespace, label) is { } named
            ? BlueprintRules.Key(named)
            : new NamespacedName(child.Namespace, label);
        var task = _tasks.GetValueOrDefault(taskUid);
        var key = task?.Metadata.Key() ?? new NamespacedName(child.Namespace, jobName);
        Occupy(new Slot(taskUid, key, blueprint, attempt, jobName, SlotPhase.Finished)
        {
            OpensPullRequestIn = task is null ? _declarations.FindRepositoryByLabel(child.Namespace, child.Repository) : OpensPullRequestIn(task, FindBlueprint(blueprint)),
            MendsPullRequest = task?.OpenPullRequest(),
        }, now);
        return true;
    }

    private void RefuseClaim(Fact.ClaimRefused fact, DateTimeOffset now)
    {
        if (Ledger.Find(fact.TaskUid) is not { } slot || slot.Attempt != fact.Attempt)
        {
            return;
        }

        Free(fact.TaskUid, now);
        if (_tasks.TryGetValue(fact.TaskUid, out var task))
        {
            // Until the watch shows what the server knows, or a while has passed, the same claim would be refused again.
            _refused[fact.TaskUid] = (fact.ResourceVersion, now + fact.RetryAfter);
            CompareSlot(task, now);
        }

        Requeue(fact.TaskUid, now);
    }

    private void FinishSlot(Fact.FinishLanded fact)
    {
        UpdateSlot(fact.TaskUid, fact.Attempt, slot => slot with { Phase = SlotPhase.Finished });
        if (_tasks.TryGetValue(fact.TaskUid, out var task) && task.Status?.Claim?.Attempt == fact.Attempt)
        {
            // The watch is behind: it still shows the claim, which must not be taken for a new one.
            _recorded[fact.TaskUid] = fact.Attempt;
        }
    }

    private void EndSettlement(Fact.SettlementEnded fact, DateTimeOffset now)
    {
        _settlements.End(fact.TaskUid);
        if (fact.RetryAfter is { } pause && _tasks.TryGetValue(fact.TaskUid, out var task))
        {
            _refused[fact.TaskUid] = (task.Metadata.ResourceVersion, now + pause);
        }

        Requeue(fact.TaskUid, now);
    }

    private void SeeBlueprint(Fact.BlueprintSeen fact, DateTimeOffset now)
    {
        var key = BlueprintRules.Key((fact.Current ?? fact.Previous)!);
        AwaitProbe(key, Breakers.See(FindBlueprint(key), fact.Current, now));
        if (FindBlueprint(key)?.Spec.PendingTimeoutSeconds != fact.Current?.Spec.PendingTimeoutSeconds)
        {
            foreach (var slot in Ledger.Slots.Where(slot => slot.Blueprint == key))
            {
                MarkTouched(slot.TaskUid);
            }
        }

        foreach (var role in _declarations.See(fact))
        {
            // Those that wait for it have something to say now, or nothing any more.
            foreach (var waiting in Queues.OfRole(key.Namespace, role).SelectMany(Queues.In).ToList())
            {
                Requeue(waiting.Uid, now);
            }
        }
    }

    private void SeeFlow(Fact.FlowSeen fact, DateTimeOffset now)
    {
        var key = _declarations.See(fact);
        RequeueWhere(t => t.Metadata.Namespace == key.Namespace && (t.Spec.Flow ?? DefaultFlow.Name) == key.Name, now);
    }

    private void SeeRepository(Fact.RepositorySeen fact, DateTimeOffset now)
    {
        var known = FindRepository(RepositoryRules.Key((fact.Current ?? fact.Previous)!));
        var key = _declarations.See(fact);
        _pullRequests.See(known, fact.Current, now);
        if (known?.Metadata.Generation == fact.Current?.Metadata.Generation && known?.Metadata.Uid == fact.Current?.Metadata.Uid)
        {
            // Its status alone has changed: no task waits for that.
            return;
        }

        RequeueWhere(t => t.Metadata.Namespace == key.Namespace && t.Spec.Repository == key.Name, now);
    }

    private void TakeCount(Fact.PullRequestsCounted fact, DateTimeOffset now)
    {
        if (FindRepository(fact.Repository) is { } repository)
        {
            // Those that their forge tells something new of have their status written; those whose pull request is open are to mend it.
            foreach (var uid in _pullRequests.Take(fact, repository, NamesakesOf(repository), now).ToList())
            {
                Requeue(uid, now);
            }
        }
    }

    private void UpdateSlot(string taskUid, int attempt, Func<Slot, Slot> on)
    {
        if (Ledger.Find(taskUid) is { } slot && slot.Attempt == attempt)
        {
            Ledger.Update(on(slot));
            MarkTouched(taskUid);
        }
    }

    /// <summary>Puts a task where it now belongs: into its queue, to sleep until a time, or out; and has it tell what it waits for.</summary>
    private void Requeue(string uid, DateTimeOffset now)
    {
        _settlements.Remove(uid);
        _held.Remove(uid);
        if (!_tasks.TryGetValue(uid, out var task) || Ledger.Find(uid) is not null)
        {
            Queues.Remove(uid);
            return;
        }

        if (_refused.TryGetValue(uid, out var refused))
        {
            if (refused.Version == task.Metadata.ResourceVersion && refused.Until > now)
            {
                Queues.Remove(uid);
                SetAlarm(uid, refused.Until);
                _held.Put(uid, task.Metadata.Namespace, Reasons.WriteRefused);
                return;
            }

            _refused.Remove(uid);
        }

        var eligibility = Eligibility.Of(
            task,
            _declarations.FindFlow(task.Metadata.Namespace, task.Spec.Flow),
            new Eligibility.PullRequestView(_pullRequests.NewsOf(task) is not null, HasOpenPullRequest(task)),
            task.Spec.Repository is null || RepositoryOf(task) is not null,
            _dependencies.Judge(task),
            now);
        if (eligibility is Eligibility.Ready ready)
        {
            Queues.Put(ready.Queue, ready.Entry);
        }
        else
        {
            Queues.Remove(uid);
        }

        switch (eligibility)
        {
            case Eligibility.Due:
                _settlements.Add(uid);
                break;
            case Eligibility.Settled:
                _settlements.Forget(uid);
                break;
            case Eligibility.Delayed delayed:
                SetAlarm(uid, delayed.Until);
                _held.Put(uid, task.Metadata.Namespace, Reasons.BackOff);
                Explain(task, null, now);
                break;
            case Eligibility.Held held:
                _held.Put(uid, task.Metadata.Namespace, held.Reason);
                Explain(task, held, now);
                break;
            case Eligibility.Ready { Queue: var queue }:
                Explain(
                    task,
                    IsServed(queue.Namespace, queue.Role) ? null : new Eligibility.Held(Reasons.RoleUnserved, $"No AgentBlueprint serves the role {queue.Role}."),
                    now);
                break;
        }
    }

    private void Explain(ObservedTask task, Eligibility.Held? held, DateTimeOffset now)
    {
        if (_settlements.Explain(task, held, now) is { } time)
        {
            SetAlarm(task.Metadata.Uid, time);
        }
    }

    /// <summary>True when a task's own pull request is open, as it has on record, and as its forge has said.</summary>
    private bool HasOpenPullRequest(ObservedTask task) => task.HasOpenPullRequest()
        && task.Spec.Repository is { } repository && IsOpen(new NamespacedName(task.Metadata.Namespace, repository), task.OpenPullRequest());

    private AgentRepository? RepositoryOf(ObservedTask task) =>
        task.Spec.Repository is { } repository ? FindRepository(new NamespacedName(task.Metadata.Namespace, repository)) : null;

    private void RequeueAll(IReadOnlyCollection<NamespacedName> tasks, DateTimeOffset now)
    {
        foreach (var key in tasks)
        {
            if (_taskUids.TryGetValue(key, out var uid))
            {
                Requeue(uid, now);
            }
        }
    }

    private void RequeueWhere(Func<ObservedTask, bool> concerned, DateTimeOffset now)
    {
        foreach (var task in _tasks.Values.Where(concerned))
        {
            Requeue(task.Metadata.Uid, now);
        }
    }

    private ObservedTask? FindTask(NamespacedName key) => _taskUids.TryGetValue(key, out var uid) ? _tasks.GetValueOrDefault(uid) : null;

    private void MarkTouched(string? taskUid)
    {
        if (taskUid is not null && Ledger.Find(taskUid) is not null)
        {
            _touchedSlots.Add(taskUid);
        }
    }
}
