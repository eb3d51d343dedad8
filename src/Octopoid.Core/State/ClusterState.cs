using System.Diagnostics.CodeAnalysis;
using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>All that admission knows: the objects seen, the slots in use, the tasks that wait. Changed by facts, read by everything else.</summary>
/// <remarks>Used by one thread. Each fact costs O(log n), but for a change of a flow or a repository, which looks at every task.</remarks>
public sealed class ClusterState
{
    /// <summary>What lives unseen, by labels that somebody has edited, is asked for again after this.</summary>
    private static readonly TimeSpan AfterInspection = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, ObservedTask> _tasks = [];
    private readonly Dictionary<NamespacedName, string> _taskUids = [];
    private readonly Dictionary<NamespacedName, HashSet<string>> _dependents = [];
    private readonly Dictionary<NamespacedName, AgentBlueprint> _blueprints = [];
    private readonly Dictionary<NamespacedName, AgentFlow> _flows = [];
    private readonly Dictionary<NamespacedName, AgentRepository> _repositories = [];
    private readonly Dictionary<string, (string Version, DateTimeOffset Until)> _refused = [];
    private readonly PriorityQueue<string, DateTimeOffset> _alarms = new();
    private readonly HashSet<string> _touchedSlots = [];
    private readonly List<string> _drifts = [];
    private readonly HashSet<string> _unwanted = [];
    private readonly HashSet<string> _cancelling = [];
    private readonly Dictionary<string, int> _recorded = [];

    /// <summary>The slots in use.</summary>
    public Ledger Ledger { get; } = new();

    /// <summary>The tasks that could start.</summary>
    public TaskQueues Queues { get; } = new();

    /// <summary>The Jobs and pods of tasks.</summary>
    public TaskChildren Children { get; } = new();

    /// <summary>The open pull requests.</summary>
    public PullRequestCounts PullRequests { get; } = new();

    /// <summary>The orchestrator; null when there is none: then nothing starts.</summary>
    public AgentOrchestrator? Orchestrator { get; private set; }

    /// <summary>Every blueprint.</summary>
    public IReadOnlyCollection<AgentBlueprint> Blueprints => _blueprints.Values;

    /// <summary>Every repository.</summary>
    public IReadOnlyCollection<AgentRepository> Repositories => _repositories.Values;

    /// <summary>When time alone will next change something; null when it will not.</summary>
    public DateTimeOffset? NextAlarm => _alarms.TryPeek(out _, out var time) ? time : null;

    /// <summary>The tasks whose slots something has happened to since <see cref="TakeTouchedSlots"/> was last called.</summary>
    public IReadOnlyCollection<string> TakeTouchedSlots()
    {
        var touched = _touchedSlots.ToArray();
        _touchedSlots.Clear();
        return touched;
    }

    /// <summary>The tasks to be cancelled that nobody works on, each once until <see cref="Fact.CancelEnded"/> answers.</summary>
    public IReadOnlyList<ObservedTask> TakeUnwanted()
    {
        ObservedTask[] unwanted = [.. _unwanted.Where(_cancelling.Add).Select(uid => _tasks[uid])];
        _unwanted.Clear();
        return unwanted;
    }

    /// <summary>What self-audits have found wrong and repaired since this was last called, a sentence each.</summary>
    public IReadOnlyList<string> TakeDrifts()
    {
        string[] drifts = [.. _drifts];
        _drifts.Clear();
        return drifts;
    }

    /// <summary>A task by UID.</summary>
    /// <param name="uid">The UID.</param>
    /// <param name="task">The task.</param>
    public bool TryFindTask(string uid, [NotNullWhen(true)] out ObservedTask? task) => _tasks.TryGetValue(uid, out task);

    /// <summary>A blueprint by name, or null.</summary>
    /// <param name="key">Where it is.</param>
    public AgentBlueprint? FindBlueprint(NamespacedName key) => _blueprints.GetValueOrDefault(key);

    /// <summary>A repository by name, or null.</summary>
    /// <param name="key">Where it is.</param>
    public AgentRepository? FindRepository(NamespacedName key) => _repositories.GetValueOrDefault(key);

    /// <summary>A flow by name: an AgentFlow, else the built-in one of that name, else null.</summary>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="name">The name; null means the default.</param>
    public AgentFlowSpec? FindFlow(string namespaceName, string? name) =>
        _flows.TryGetValue(new NamespacedName(namespaceName, name ?? DefaultFlow.Name), out var flow) ? flow.Spec
        : name is null or DefaultFlow.Name ? DefaultFlow.Spec
        : null;

    /// <summary>Takes in what has happened.</summary>
    /// <param name="fact">What.</param>
    /// <param name="now">The time.</param>
    public void Apply(Fact fact, DateTimeOffset now)
    {
        switch (fact)
        {
            case Fact.TaskSeen { Current: { } task }: SeeTask(task, now); break;
            case Fact.TaskSeen { Previous: { } task }: LoseTask(task, now); break;
            case Fact.BlueprintSeen f: Set(_blueprints, Key((f.Current ?? f.Previous)!.Metadata), f.Current); break;
            case Fact.FlowSeen f: SeeFlow(f, now); break;
            case Fact.RepositorySeen f: SeeRepository(f, now); break;
            case Fact.PullRequestCountBegun f: PullRequests.Begin(f.Repository); break;
            case Fact.PullRequestsCounted f: TakeCount(f, now); break;
            case Fact.AuditDue: Audit(now); break;
            case Fact.OrchestratorSeen f: Orchestrator = f.Current; break;
            case Fact.JobSeen f: SeeJob(f); break;
            case Fact.PodSeen f: SeePod(f); break;
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
            case Fact.CancelEnded f: EndCancel(f, now); break;
            case Fact.Inspected f: UpdateSlot(f.TaskUid, f.Attempt, slot => slot with
            {
                IsInspecting = false,
                IsConfirmedOver = f.IsOver,
                UnwatchedPods = f.Pods,
                QuotaExceeded = f.QuotaExceeded,
                NotBefore = f.IsOver ? null : now + AfterInspection,
            });
                break;
            case Fact.FinishLanded f: FinishSlot(f); break;
        }
    }

    /// <summary>Lets time pass: tasks whose back-off has ended may start, slots that waited are looked at again.</summary>
    /// <param name="now">The time.</param>
    /// <returns>True when an alarm has rung.</returns>
    public bool RingAlarms(DateTimeOffset now)
    {
        var hasRung = false;
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

        foreach (var slot in Ledger.Slots.Where(slot => (slot.NotBefore ?? slot.EndedAt ?? slot.PodlessSince) is not null).ToList())
        {
            Ledger.Update(slot with { NotBefore = slot.NotBefore + step, EndedAt = slot.EndedAt + step, PodlessSince = slot.PodlessSince + step });
        }

        PullRequests.SetBack(step);
    }

    /// <summary>Asks to be rung for a task.</summary>
    /// <param name="uid">The task's UID.</param>
    /// <param name="time">When.</param>
    public void SetAlarm(string uid, DateTimeOffset time) => _alarms.Enqueue(uid, time);

    /// <summary>Takes a slot into use before its first write; its task leaves the queue.</summary>
    /// <param name="slot">The slot.</param>
    public void Occupy(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        Ledger.Occupy(slot);
        Queues.Remove(slot.TaskUid);
    }

    /// <summary>Gives a slot back; its task, if it is to run again, takes its place in a queue.</summary>
    /// <param name="taskUid">The task's UID.</param>
    /// <param name="now">The time.</param>
    public void Release(string taskUid, DateTimeOffset now)
    {
        if (Ledger.Find(taskUid) is { Phase: not SlotPhase.Claimed, Refusal: null, OpensPullRequestIn: { } repository }
            && FindRepository(repository) is { Spec.Provider: not RepositoryProvider.None })
        {
            PullRequests.End(repository);
        }

        Ledger.Release(taskUid);
        if (_tasks.TryGetValue(taskUid, out var task))
        {
            CompareSlot(task);
        }

        Requeue(taskUid, now);
    }

    private void SeeTask(ObservedTask task, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        if (_tasks.TryGetValue(uid, out var known))
        {
            ForgetBlockers(known);
            RecordPullRequest(known, -1);
        }

        if (task.Status?.Claim?.Attempt != _recorded.GetValueOrDefault(uid))
        {
            _recorded.Remove(uid);
        }

        RecordPullRequest(task, 1);
        _tasks[uid] = task;
        _taskUids[task.Metadata.Key()] = uid;
        foreach (var blocker in task.Spec.BlockedBy ?? [])
        {
            var key = new NamespacedName(task.Metadata.Namespace, blocker);
            if (!_dependents.TryGetValue(key, out var waiting))
            {
                _dependents[key] = waiting = [];
            }

            waiting.Add(uid);
        }

        CompareSlot(task);
        Requeue(uid, now);
        if (known?.State() != task.State())
        {
            RequeueDependents(task.Metadata.Key(), now);
        }
    }

    private void LoseTask(ObservedTask task, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        if (_tasks.Remove(uid, out var known))
        {
            ForgetBlockers(known);
            RecordPullRequest(known, -1);
        }

        _refused.Remove(uid);
        var key = task.Metadata.Key();
        if (_taskUids.GetValueOrDefault(key) == uid)
        {
            _taskUids.Remove(key);
        }

        Queues.Remove(uid);
        _unwanted.Remove(uid);
        _recorded.Remove(uid);
        MarkTouched(uid);
        RequeueDependents(key, now);
    }

    /// <summary>A claim that nobody here made, by a leader before us, takes its slot; a claim that is gone gives it back.</summary>
    /// <remarks>The attempt's number never goes back, so a state with a lower one is from before the claim and says nothing of it.</remarks>
    private void CompareSlot(ObservedTask task)
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
                    ClaimedAt = claim.ClaimedAt, OpensPullRequestIn = OpensPullRequestIn(task, FindBlueprint(key)),
                };
                Occupy(WithPods(found with { Phase = Children.FindJob(found) is null ? SlotPhase.Claimed : SlotPhase.Running }));
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
            CompareSlot(task);
            if (Ledger.Find(task.Metadata.Uid) is not null)
            {
                _drifts.Add($"Task {task.Metadata.Key()} is claimed but held no slot.");
            }
        }

        foreach (var (child, job) in Children.Living().ToList())
        {
            if (HoldSlotOf(child, job))
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

    private void SeeJob(Fact.JobSeen fact)
    {
        Children.See(fact);
        var metadata = (fact.Current ?? fact.Previous)!.Metadata;
        if (fact.Current is { } job && TaskChildren.IsLiving(job))
        {
            HoldSlotOf(metadata, metadata.Name);
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

    private void SeePod(Fact.PodSeen fact)
    {
        var jobs = Children.See(fact);
        if (fact.Current is { Metadata: { } metadata } pod && Children.IsLiving(pod) && (metadata.ControllerJob is not null || metadata.ControllerUid is null))
        {
            HoldSlotOf(metadata, metadata.ControllerJob ?? metadata.Name);
        }

        foreach (var slot in jobs.Select(Ledger.FindByJob).Append(Ledger.Find((fact.Current ?? fact.Previous)!.Metadata.TaskUid ?? "")).OfType<Slot>().ToList())
        {
            Ledger.Update(WithPods(slot));
            MarkTouched(slot.TaskUid);
        }
    }

    /// <summary>The repository in which an attempt may open a pull request; null when it will not.</summary>
    /// <param name="task">Its task.</param>
    /// <param name="blueprint">Whose instance it is; null when that is unknown: then it may.</param>
    internal static NamespacedName? OpensPullRequestIn(ObservedTask task, AgentBlueprint? blueprint) =>
        task.Spec.Repository is { } repository && !task.HasOpenPullRequest() && blueprint?.Spec.OpensPullRequests != false
            ? new NamespacedName(task.Metadata.Namespace, repository)
            : null;

    private Slot WithPods(Slot slot) =>
        slot.HasSeenPod || Children.PodsOf(slot).Count == 0 ? slot : slot with { HasSeenPod = true, PodlessSince = null, QuotaExceeded = null };

    /// <summary>What runs holds a slot, whether or not a claim speaks of it: its task may be deleted, or its claim taken off, and a leader
    /// that begins then knows no other trace.</summary>
    /// <returns>True when it held none.</returns>
    private bool HoldSlotOf(ObservedChildMeta child, string jobName)
    {
        if (child is not { TaskUid: { } taskUid, Attempt: { } attempt, Blueprint: { } label } || Ledger.Find(taskUid) is not null)
        {
            return false;
        }

        var named = _blueprints.Keys.FirstOrDefault(key => key.Namespace == child.Namespace && AttemptNames.LabelValue(key.Name) == label);
        var blueprint = named == default ? new NamespacedName(child.Namespace, label) : named;
        var task = _tasks.GetValueOrDefault(taskUid);
        var key = task?.Metadata.Key() ?? new NamespacedName(child.Namespace, jobName);
        Occupy(new Slot(taskUid, key, blueprint, attempt, jobName, SlotPhase.Finished)
        {
            OpensPullRequestIn = task is null ? null : OpensPullRequestIn(task, FindBlueprint(blueprint)),
        });
        return true;
    }

    private void RefuseClaim(Fact.ClaimRefused fact, DateTimeOffset now)
    {
        if (Ledger.Find(fact.TaskUid) is not { } slot || slot.Attempt != fact.Attempt)
        {
            return;
        }

        Ledger.Release(fact.TaskUid);
        if (_tasks.TryGetValue(fact.TaskUid, out var task))
        {
            // Until the watch shows what the server knows, or a while has passed, the same claim would be refused again.
            _refused[fact.TaskUid] = (fact.ResourceVersion, now + fact.RetryAfter);
            CompareSlot(task);
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

    private void EndCancel(Fact.CancelEnded fact, DateTimeOffset now)
    {
        _cancelling.Remove(fact.TaskUid);
        if (fact.RetryAfter is { } pause && _tasks.TryGetValue(fact.TaskUid, out var task))
        {
            _refused[fact.TaskUid] = (task.Metadata.ResourceVersion, now + pause);
        }

        Requeue(fact.TaskUid, now);
    }

    private void SeeFlow(Fact.FlowSeen fact, DateTimeOffset now)
    {
        var key = Key((fact.Current ?? fact.Previous)!.Metadata);
        Set(_flows, key, fact.Current);
        RequeueWhere(t => t.Metadata.Namespace == key.Namespace && (t.Spec.Flow ?? DefaultFlow.Name) == key.Name, now);
    }

    private void SeeRepository(Fact.RepositorySeen fact, DateTimeOffset now)
    {
        var key = Key((fact.Current ?? fact.Previous)!.Metadata);
        Set(_repositories, key, fact.Current);
        if (fact.Current is null)
        {
            PullRequests.Forget(key);
        }
        else if (fact.Current.Spec.Provider == RepositoryProvider.None)
        {
            // Nobody counts there: what was opened is on record with its task.
            PullRequests.Begin(key);
            PullRequests.Take(key, 0, now);
        }

        RequeueWhere(t => t.Metadata.Namespace == key.Namespace && t.Spec.Repository == key.Name, now);
    }

    private void TakeCount(Fact.PullRequestsCounted fact, DateTimeOffset now)
    {
        if (FindRepository(fact.Repository) is { } repository)
        {
            PullRequests.Take(fact.Repository, fact.Open, now);

            // Once it is too old, the reports must say so.
            SetAlarm(fact.Repository.ToString(), now + TimeSpan.FromSeconds(repository.Spec.PullRequests.StaleAfterSeconds + 1));
        }
    }

    private void RecordPullRequest(ObservedTask task, int change)
    {
        if (task.Spec.Repository is { } repository && task.HasOpenPullRequest() && !FlowRules.IsTerminal(task.State()))
        {
            PullRequests.Record(new NamespacedName(task.Metadata.Namespace, repository), change);
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

    /// <summary>Puts a task where it now belongs: into its queue, to sleep until a time, or out.</summary>
    private void Requeue(string uid, DateTimeOffset now)
    {
        _unwanted.Remove(uid);
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
                return;
            }

            _refused.Remove(uid);
        }

        var hasRepository = task.Spec.Repository is not { } repository
            || _repositories.ContainsKey(new NamespacedName(task.Metadata.Namespace, repository));
        switch (Eligibility.Of(
            task, FindFlow(task.Metadata.Namespace, task.Spec.Flow), hasRepository, name => IsDone(task.Metadata.Namespace, name), now))
        {
            case Eligibility.Ready ready:
                Queues.Put(ready.Queue, ready.Entry);
                break;
            case Eligibility.Unwanted:
                Queues.Remove(uid);
                _unwanted.Add(uid);
                break;
            case Eligibility.Delayed delayed:
                Queues.Remove(uid);
                SetAlarm(uid, delayed.Until);
                break;
            default:
                Queues.Remove(uid);
                break;
        }
    }

    private void RequeueDependents(NamespacedName blocker, DateTimeOffset now)
    {
        foreach (var uid in _dependents.GetValueOrDefault(blocker, []))
        {
            Requeue(uid, now);
        }
    }

    private void RequeueWhere(Func<ObservedTask, bool> concerned, DateTimeOffset now)
    {
        foreach (var task in _tasks.Values.Where(concerned))
        {
            Requeue(task.Metadata.Uid, now);
        }
    }

    private void ForgetBlockers(ObservedTask task)
    {
        foreach (var blocker in task.Spec.BlockedBy ?? [])
        {
            var key = new NamespacedName(task.Metadata.Namespace, blocker);
            if (_dependents.TryGetValue(key, out var waiting) && waiting.Remove(task.Metadata.Uid) && waiting.Count == 0)
            {
                _dependents.Remove(key);
            }
        }
    }

    private bool IsDone(string namespaceName, string name) =>
        _taskUids.TryGetValue(new NamespacedName(namespaceName, name), out var uid) && _tasks[uid].State() == FlowStates.Done;

    private void MarkTouched(string? taskUid)
    {
        if (taskUid is not null && Ledger.Find(taskUid) is not null)
        {
            _touchedSlots.Add(taskUid);
        }
    }

    private static void Set<TKey, TValue>(Dictionary<TKey, TValue> all, TKey key, TValue? value)
        where TKey : notnull
        where TValue : class
    {
        if (value is null)
        {
            all.Remove(key);
        }
        else
        {
            all[key] = value;
        }
    }

    private static NamespacedName Key(ObjectMeta metadata) => new(metadata.Namespace ?? "", metadata.Name);
}
