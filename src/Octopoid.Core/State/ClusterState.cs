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
    private readonly Dictionary<string, ObservedTask> _tasks = [];
    private readonly Dictionary<NamespacedName, string> _taskUids = [];
    private readonly Declarations _declarations = new();
    private readonly Dependencies _dependencies;
    private readonly SlotTracking _slots;
    private readonly PullRequestTracking _pullRequests = new();
    private readonly Settlements _settlements = new();
    private readonly Retention _retention;
    private readonly Dictionary<string, (string Version, DateTimeOffset Until)> _refused = [];
    private readonly PriorityQueue<string, DateTimeOffset> _alarms = new();
    private readonly HeldTasks _held = new();

    /// <summary>Makes a state that knows of nothing.</summary>
    public ClusterState() =>
        (_dependencies, _slots, _retention) = (new Dependencies(FindTask), new SlotTracking(this, _declarations), new Retention(this));

    /// <summary>The slots in use.</summary>
    public Ledger Ledger => _slots.Ledger;

    /// <summary>The tasks that could start.</summary>
    public TaskQueues Queues { get; } = new();

    /// <summary>The Jobs and pods of tasks.</summary>
    public TaskChildren Children => _slots.Children;

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
    internal Breakers Breakers => _slots.Breakers;

    /// <summary>When time alone will next change something; null when it will not.</summary>
    public DateTimeOffset? NextAlarm => new[] { _alarms.TryPeek(out _, out var time) ? time : null, _retention.Next, _pullRequests.Next, _pullRequests.NextStale }.Min();

    /// <summary>The tasks whose slots something has happened to since <see cref="TakeTouchedSlots"/> was last called.</summary>
    public IReadOnlyCollection<string> TakeTouchedSlots() => _slots.TakeTouched();

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
    public IReadOnlyList<string> TakeDrifts() => _slots.TakeDrifts();

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
            case Fact.AuditDue: _slots.Audit(_tasks.Values, now); break;
            case Fact.OrchestratorSeen f:
                _declarations.Orchestrator = f.Current;
                _retention.See(f.Current?.Spec.Retention, _tasks.Values);
                break;
            case Fact.JobSeen f:
                _slots.See(f, now);
                _retention.See(f.Previous, f.Current, now);
                break;
            case Fact.PodSeen f: _slots.See(f, now); break;
            case Fact.ClaimRefused f: RefuseClaim(f, now); break;
            case Fact.ClaimLanded f: _slots.Take(f); break;
            case Fact.JobLanded f: _slots.Take(f); break;
            case Fact.JobRefused f: _slots.Take(f); break;
            case Fact.FinishRefused f: _slots.Take(f, now); break;
            case Fact.FinishLanded f: _slots.Take(f); break;
            case Fact.Inspected f: _slots.Take(f, now); break;
            case Fact.SettlementEnded f: EndSettlement(f, now); break;
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
            _slots.Touch(uid);
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

        _slots.SetBack(step);
        _pullRequests.SetBack(step);
        _settlements.SetBack(step);
        _retention.SetBack(step);
    }

    /// <summary>Notes that a task waits no more: it has a slot, or is gone.</summary>
    /// <param name="uid">The task's UID.</param>
    internal void LeaveQueue(string uid)
    {
        Queues.Remove(uid);
        _held.Remove(uid);
        _settlements.Forget(uid);
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
        _slots.Occupy(slot, now);
    }

    /// <summary>Counts an attempt that could not start, once.</summary>
    /// <param name="slot">The attempt's slot.</param>
    /// <param name="end">How it ended.</param>
    /// <param name="now">The time.</param>
    public void CountFailedStart(Slot slot, AttemptEnd end, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(slot);
        ArgumentNullException.ThrowIfNull(end);
        _slots.CountFailedStart(slot, end, now);
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

        _slots.Free(taskUid, now);
        if (_tasks.TryGetValue(taskUid, out var task))
        {
            _slots.See(task, now);
        }

        Requeue(taskUid, now);
    }

    private void SeeTask(ObservedTask task, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        var known = _tasks.GetValueOrDefault(uid);
        _pullRequests.See(known, task);
        _tasks[uid] = task;
        _taskUids[task.Metadata.Key()] = uid;
        if (known?.State() != task.State())
        {
            _retention.See(task);
        }

        var concerned = _dependencies.Change(known, task);
        _slots.See(task, now);
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

        LeaveQueue(uid);
        _slots.Lose(uid);
        if (known is not null)
        {
            RequeueAll(_dependencies.Change(known, null), now);
        }

        RequeueAll([.. _dependencies.DependentsOf(key)], now);
    }

    /// <summary>True when a pull request is known to be open: by its forge's last count, or where there is no forge because a task has it on record.</summary>
    /// <param name="repository">Its repository.</param>
    /// <param name="number">Its number; null: there is none.</param>
    internal bool IsOpen(NamespacedName repository, long? number) => number is { } known
        && (!RepositoryRules.HasForge(FindRepository(repository))
            || (PullRequests.CountOf(repository)?.Said.Known.TryGetValue(known, out var seen) == true && seen.State == PullRequestState.Open));

    private void RefuseClaim(Fact.ClaimRefused fact, DateTimeOffset now)
    {
        if (Ledger.Find(fact.TaskUid) is not { } slot || slot.Attempt != fact.Attempt)
        {
            return;
        }

        _slots.Free(fact.TaskUid, now);
        if (_tasks.TryGetValue(fact.TaskUid, out var task))
        {
            // Until the watch shows what the server knows, or a while has passed, the same claim would be refused again.
            _refused[fact.TaskUid] = (fact.ResourceVersion, now + fact.RetryAfter);
            _slots.See(task, now);
        }

        Requeue(fact.TaskUid, now);
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
        _slots.See(FindBlueprint(key), fact.Current, now);
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
}
