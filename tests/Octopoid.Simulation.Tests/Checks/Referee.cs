using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Processes;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>Holds every write to the invariants, by the server's own history alone.</summary>
internal sealed class Referee
{
    private readonly Simulation _simulation;
    private readonly ApiServer _server;
    private readonly StartReferee _starts;
    private readonly Dictionary<(string TaskUid, int Attempt), AttemptHistory> _attempts = [];
    private readonly Dictionary<string, AttemptHistory> _ofJob = [];
    private readonly Dictionary<(string Process, string TaskUid, int Attempt), ClaimBasis> _decided = [];
    private readonly Dictionary<(string TaskUid, int Attempt), ClaimBasis> _claimed = [];
    private readonly Dictionary<string, Timeline<int>> _instanceCaps = [];
    private readonly HashSet<(string TaskUid, int Attempt)> _cancelled = [];
    private readonly Timeline<int> _cap = new(0);
    private readonly Dictionary<string, Timeline<bool>> _done = [];

    public Referee(Simulation simulation)
    {
        (_simulation, _server, _starts) = (simulation, simulation.Server, new StartReferee(simulation));
        _server.Changed += See;
    }

    /// <summary>How many claims were made.</summary>
    public int Claims { get; private set; }

    /// <summary>Looks at what must be so when all is calm.</summary>
    public void Look()
    {
        if (_starts.FindStale() is { } blueprint)
        {
            Violate("15 a blueprint is well once an agent of it has started", blueprint);
        }
    }

    /// <summary>A process has decided on a claim.</summary>
    public void NoteClaim(OperatorProcess process, string taskUid, int attempt) =>
        _decided[(process.Name, taskUid, attempt)] = ClaimBasis.Of(process);

    /// <summary>A self-audit has found something to repair: a bug.</summary>
    public void SeeDrift(string drift) => Violate("9 no audit finds anything", drift);

    /// <summary>The attempts of which a Job or a pod has not ended.</summary>
    public IReadOnlyCollection<AttemptHistory> Live() =>
    [
        .. _server.All(Resources.Jobs).Where(job => !job.IsEndedJob && _ofJob.ContainsKey(job.Uid)).Select(job => _ofJob[job.Uid])
            .Concat(_server.All(Resources.Pods)
                .Where(pod => !pod.IsEndedPod && pod.ControllerUid is { } job && _ofJob.ContainsKey(job)).Select(pod => _ofJob[pod.ControllerUid!]))
            .Distinct(),
    ];

    /// <summary>What must be so once all is quiet.</summary>
    public void CheckEnd()
    {
        foreach (var attempt in _attempts.Values)
        {
            if (_server.FindUid(Resources.Tasks, attempt.TaskUid) is { } task
                && attempt.Due(attempt.IsReview) is { } due && task.Task.Attempt - attempt.Attempt < 10
                && !IsRecorded(task, attempt.Attempt, due))
            {
                Violate("5 what an agent says is recorded", $"{attempt} said {attempt.Word}; the task is {task.Json["status"]!.ToJsonString()}");
            }
        }
    }

    /// <summary>A word other than that the work is done or good counts for nothing once the task is cancelled.</summary>
    private static bool IsRecorded(ServerObject task, int attempt, string due) => TaskView.Outcome(task, attempt) is { } outcome
        && (outcome == due || (outcome == "cancelled" && due is not ("done" or "approved")));

    private void See(LogEntry entry)
    {
        switch (entry.Object.Resource)
        {
            case Resources.Blueprints:
                InstanceCap(entry.Object.Name).Set(entry.Version, CapOf(entry.After, "maxInstances"));
                break;
            case Resources.Orchestrators:
                _cap.Set(entry.Version, CapOf(entry.After, "maxConcurrent"));
                break;
            case Resources.Tasks:
                SeeTask(entry);
                break;
            case Resources.Jobs:
                SeeJob(entry);
                break;
            case Resources.Pods:
                SeePod(entry);
                break;
        }
    }

    private static int CapOf(ServerObject? holder, string field) =>
        holder is null || holder.Json.Flag("spec", "paused") ? 0 : holder.Json.Number("spec", field) ?? 0;

    private Timeline<int> InstanceCap(string blueprint) => Of(_instanceCaps, blueprint, 0);

    private void SeeTask(LogEntry entry)
    {
        Of(_done, entry.Object.Name, false).Set(entry.Version, entry.After?.Task.State == "done");
        if (entry is not { Before: { } before, After: { } after })
        {
            foreach (var attempt in _attempts.Values.Where(attempt => attempt.TaskUid == entry.Object.Uid))
            {
                attempt.IsDisturbed = true;
            }

            return;
        }

        var (was, isNow) = (before.Task, after.Task);
        if (!entry.Actor.StartsWith("operator", StringComparison.Ordinal))
        {
            if (isNow is { IsCancelled: true, ClaimAttempt: { } running })
            {
                _cancelled.Add((after.Uid, running));
            }

            // Whoever takes a cancellation back may see another Job, once the first is deleted: the claim stands.
            if (_attempts.GetValueOrDefault((after.Uid, isNow.ClaimAttempt ?? 0)) is { IsStopped: true } stopped && IsTakenBack(stopped))
            {
                stopped.HasLostJob = true;
            }

            return;
        }

        if (isNow.IsClaimed && isNow.ClaimAttempt != was.ClaimAttempt)
        {
            CheckClaim(entry, before, after);
        }
        else if (was.IsClaimed && !isNow.IsClaimed)
        {
            CheckFinish(before, after);
        }
        else if (was.Attempt != isNow.Attempt)
        {
            Violate("4 attempts are counted by claims alone", $"{after.Name}: {was} became {isNow}");
        }
        else
        {
            _simulation.World.Note($"  {entry.Actor} has written {after.Name}: from {was.State} to {isNow.State}, waits for {isNow.WaitsFor ?? "nothing"}");
        }
    }

    private void CheckClaim(LogEntry entry, ServerObject before, ServerObject after)
    {
        Claims++;
        var (was, isNow) = (before.Task, after.Task);
        _simulation.World.Note($"  {entry.Actor} has claimed {after.Name}, attempt {isNow.Attempt}, for {isNow.Blueprint}");
        if (was.IsClaimed || isNow.Attempt != was.Attempt + 1 || isNow.ClaimAttempt != isNow.Attempt)
        {
            Violate("4 each claim raises the attempt by one", $"{after.Name}: {was} became {isNow}");
        }

        if (was.IsSuspended || was.IsCancelled || was.IsTerminal || before.IsBeingDeleted)
        {
            Violate("4 only a task that may run is claimed", $"{after.Name} was {was}");
        }

        if (!_decided.TryGetValue((entry.Actor, after.Uid, isNow.Attempt), out var basis))
        {
            Violate("4 each claim was decided on", $"{after.Name} by {entry.Actor}");
            return;
        }

        _claimed[(after.Uid, isNow.Attempt)] = basis;
        _starts.SeeClaim(basis, after);
        var clock = basis.Process.Time.Latest;
        if (was.NextEligible is { } time && time > clock)
        {
            Violate("4 no claim before its time", $"{after.Name} at {clock:O} was {was}");
        }

        foreach (var blocker in was.BlockedBy)
        {
            if (!Of(_done, blocker, false).Since(basis.Tasks).Contains(true))
            {
                Violate("4 a claimed task's blockers are done", $"{after.Name} waits for {blocker}");
            }
        }

        if (_attempts.GetValueOrDefault((after.Uid, was.Attempt)) is { } last && last.Due(last.IsReview) is { } due && !IsRecorded(before, last.Attempt, due))
        {
            Violate("5 what an agent says is recorded before it is followed", $"{last} said {last.Word}; {after.Name} is claimed again");
        }
    }

    private void CheckFinish(ServerObject before, ServerObject after)
    {
        var attempt = before.Task.ClaimAttempt!.Value;
        var outcome = TaskView.Outcome(after, attempt);
        _simulation.World.Note($"  {after.Name}: attempt {attempt} is recorded as {outcome} ({TaskView.Reason(after, attempt)}); state {after.Task.State}");
        var known = _attempts.GetValueOrDefault((after.Uid, attempt));
        if (known?.Due(known.IsReview) is { } due && !IsRecorded(after, attempt, due))
        {
            Violate("5 what an agent says is recorded", $"{known} said {known.Word} and is recorded as {outcome}: {after.Json.At("status", "attempts")!.ToJsonString()}");
        }

        if (known is { Word: null })
        {
            // An agent that starts after all, past its limit and before its Job is deleted, speaks too late: the end is on record.
            known.IsDisturbed = true;
        }

        if (outcome == "cancelled" && !_cancelled.Contains((after.Uid, attempt)))
        {
            Violate("4 only what is to be cancelled is", $"{after.Name}: {before.Task} became {after.Task}");
        }

        var name = before.Json.Text("status", "claim", "jobName")!;

        // By a clock that is far behind, a claim looks so old that its Job must have been deleted.
        if (known is null && !_simulation.HasWrongClocks && TaskView.Reason(after, attempt) is "Lost" or "ResultLost" or "Succeeded"
            && _server.Find(Resources.Jobs, after.Namespace, name) is { ControllerUid: null })
        {
            Violate("6 a foreign Job is not taken for ours", $"{after.Name}: attempt {attempt} of the foreign {name} is recorded as {outcome}");
        }

        if (outcome is null || after.Task.Attempt != attempt)
        {
            Violate("4 a result is that of the claim", $"{after.Name}: {before.Task} became {after.Task}");
        }
    }

    private void SeeJob(LogEntry entry)
    {
        var job = entry.Object;
        var isOperator = entry.Actor.StartsWith("operator", StringComparison.Ordinal);
        if (entry.Before is null && isOperator)
        {
            CheckCreation(job);
        }
        else if (isOperator && !_ofJob.ContainsKey(job.Uid))
        {
            Violate("6 a foreign Job is left alone", $"{job.Name} ({job.Uid})");
        }
        else if ((entry.After is null || (entry.After.IsBeingDeleted && entry.Before?.IsBeingDeleted == false))
            && _ofJob.GetValueOrDefault(job.Uid) is { } attempt)
        {
            _simulation.World.Note($"  Job {job.Name} {(entry.After is null ? "is gone" : "is being deleted")}, by {entry.Actor}");
            attempt.IsDisturbed = true;
            attempt.IsStopped |= isOperator;
            attempt.HasLostJob |= !attempt.IsStopped || IsTakenBack(attempt);
            if (isOperator && _server.FindUid(Resources.Tasks, attempt.TaskUid) is { } task
                && task.Task.ClaimAttempt == attempt.Attempt && !_cancelled.Contains((task.Uid, attempt.Attempt)))
            {
                Violate("6 a Job is deleted once its task is cancelled or its result recorded", $"{job.Name} by {entry.Actor}");
            }
        }
        else if (entry.After is { IsEndedJob: true } && entry.Before is { IsEndedJob: false })
        {
            _simulation.World.Note($"  Job {job.Name} has ended");
        }
    }

    /// <summary>True when an attempt was to be cancelled and is not any more, while its claim stands.</summary>
    private bool IsTakenBack(AttemptHistory attempt) => _cancelled.Contains((attempt.TaskUid, attempt.Attempt))
        && _server.FindUid(Resources.Tasks, attempt.TaskUid) is { Task.IsCancelled: false } task && task.Task.ClaimAttempt == attempt.Attempt;

    private void CheckCreation(ServerObject job)
    {
        var key = (TaskUid: job.ControllerUid ?? "", Attempt: int.Parse(job.Label(Labels.Attempt)!, System.Globalization.CultureInfo.InvariantCulture));
        if (!_attempts.TryGetValue(key, out var attempt))
        {
            _attempts[key] = attempt = new AttemptHistory(key.TaskUid, key.Attempt);
        }

        // Whoever deletes the Job, or the task, may see another: the claim stands.
        if (attempt is { Jobs.Count: > 0, HasLostJob: false })
        {
            Violate("2 one Job for an attempt", $"{attempt}: {job.Name} beside {string.Join(", ", attempt.Jobs)}");
        }

        attempt.Blueprint = job.Label(Labels.Blueprint)!;
        attempt.IsReview = _server.FindUid(Resources.Tasks, key.TaskUid)?.Task is { ClaimCondition: not null } task && task.ClaimAttempt == key.Attempt;
        attempt.Jobs.Add(job.Uid);
        _ofJob[job.Uid] = attempt;
        CheckLive(attempt);
        if (!_claimed.TryGetValue(key, out var basis))
        {
            Violate("4 a Job follows a claim", attempt.ToString());
            return;
        }

        if (_server.FindUid(Resources.Tasks, key.TaskUid) is { } standing && standing.Task.ClaimAttempt != key.Attempt)
        {
            Violate("4 a Job is made for a claim that stands", $"{attempt}; {standing.Name} is {standing.Task}");
        }

        var live = Live();
        var instances = live.Count(other => other.Blueprint == attempt.Blueprint);
        var instanceCap = InstanceCap(attempt.Blueprint).Since(basis.Blueprints).Max();
        var cap = _cap.Since(basis.Orchestrators).Max();
        if (instances > instanceCap)
        {
            Violate("1 maxInstances holds", $"{instances} of {attempt.Blueprint} live, {instanceCap} allowed: {string.Join(", ", live)}");
        }

        if (live.Count > cap)
        {
            Violate("1 maxConcurrent holds", $"{live.Count} live, {cap} allowed: {string.Join(", ", live)}");
        }
    }

    private void SeePod(LogEntry entry)
    {
        var pod = entry.Object;
        if (pod.ControllerUid is not { } job || !_ofJob.TryGetValue(job, out var attempt))
        {
            return;
        }

        if (entry.Before is null)
        {
            _simulation.World.Note($"  pod {pod.Name} is there");
            CheckLive(attempt);
        }
        else if (entry.After is null || (entry.After.IsBeingDeleted && !entry.Before.IsBeingDeleted))
        {
            _simulation.World.Note($"  pod {pod.Name} {(entry.After is null ? "is gone" : "is being deleted")}, by {entry.Actor}");
            attempt.IsDisturbed = true;
        }
        else if (entry.After.IsEndedPod && !entry.Before.IsEndedPod)
        {
            _simulation.World.Note($"  pod {pod.Name} has ended: {entry.After.Json["status"]!.ToJsonString()}");
        }

        if (entry.After is { } now)
        {
            attempt.HasStarted |= now.HasStarted;
            if (!attempt.IsDisturbed && now.AgentMessage is ['{', ..] message && System.Text.Json.Nodes.JsonNode.Parse(message) is System.Text.Json.Nodes.JsonObject word)
            {
                attempt.Word = word.Text("outcome");
            }
        }
    }

    private void CheckLive(AttemptHistory attempt)
    {
        var live = Live().Where(other => other.TaskUid == attempt.TaskUid).ToList();
        if (live.Count > 1)
        {
            Violate("3 one live attempt of a task", string.Join(", ", live));
        }
    }

    private static Timeline<T> Of<T>(Dictionary<string, Timeline<T>> all, string key, T first)
    {
        if (!all.TryGetValue(key, out var timeline))
        {
            all[key] = timeline = new Timeline<T>(first);
        }

        return timeline;
    }

    private void Violate(string invariant, string what) => _simulation.World.Violate(invariant, what);
}
