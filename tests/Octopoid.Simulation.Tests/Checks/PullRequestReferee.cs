using System.Globalization;
using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Forges;
using Octopoid.Simulation.Tests.Processes;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>
/// Holds every claim to the gate of open pull requests, and what tasks tell of theirs to the forge: by the histories of server and forge alone. What counts is all
/// that the leader answers for: what its own attempts may open or have opened, and what its newest count could see.
/// </summary>
internal sealed class PullRequestReferee
{
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);

    private readonly Simulation _simulation;
    private readonly ApiServer _server;
    private readonly Dictionary<(string Process, string TaskUid, int Attempt), Basis> _decided = [];
    private readonly Dictionary<string, Timeline<RepositoryView?>> _repositories = [];
    private readonly Dictionary<string, TimeSpan> _sameSince = [];
    private readonly Timeline<int> _limit = new(int.MaxValue);
    private readonly Dictionary<(string TaskUid, int Attempt), Work> _works = [];
    private readonly Dictionary<string, (TimeSpan At, long Version)> _recordedSince = [];
    private readonly Dictionary<string, TimeSpan> _finishedAt = [];
    private int _order;

    public PullRequestReferee(Simulation simulation)
    {
        (_simulation, _server) = (simulation, simulation.Server);
        _server.Changed += See;
    }

    /// <summary>How many claims went through the gate of a repository that a forge counts.</summary>
    public int Claims { get; private set; }

    /// <summary>A process has decided on a claim.</summary>
    public void Note(OperatorProcess process, string taskUid, int attempt) =>
        _decided[(process.Name, taskUid, attempt)] = new Basis(ClaimBasis.Of(process), process.Term!, _simulation.World.Now, ++_order);

    /// <summary>True when a repository, and the cluster, have room for one more pull request, whoever has opened those that are.</summary>
    public bool HasRoom(string repository) => On(repository).Latest is { IsCountable: true } own
        && (own.MaxOpen == int.MaxValue || Truth(GroupOf(own.Name)) < own.MaxOpen)
        && (_limit.Latest == int.MaxValue || Sources().Sum(Truth) < _limit.Latest);

    /// <summary>True where no limit holds: then a gate is open as soon as there is a count.</summary>
    public bool IsUnlimited(string repository) => On(repository).Latest is { HasForge: false, MaxOpen: int.MaxValue } && _limit.Latest == int.MaxValue;

    /// <summary>True where a forge tells of pull requests.</summary>
    public bool HasForge(string repository) => On(repository).Latest is { HasForge: true };

    /// <summary>True when a task's pull request stands otherwise at its forge than the task has on record.</summary>
    public bool HasNews(ServerObject task) => task.Json.Number("status", "pullRequest", "number") is { } number
        && task.Json.Text("spec", "repository") is { } name
        && On(name).Latest is { Provider: RepositoryView.GitHub } view
        && _simulation.Forge.Find(view.Home, number) is { } pull
        && (task.Task.PullRequest == "open" || pull.State == PullRequestState.Open)
        && (Word(pull.State) != task.Task.PullRequest || pull.Head != task.Json.Text("status", "pullRequest", "headSHA"));

    private static string Word(PullRequestState state) => state switch
    {
        PullRequestState.Merged => "merged",
        PullRequestState.Closed => "closed",
        _ => "open",
    };

    private void See(LogEntry entry)
    {
        switch (entry.Object.Resource)
        {
            case Resources.Repositories: SeeRepository(entry); break;
            case Resources.Orchestrators:
                _limit.Set(entry.Version, entry.After?.Json.At("spec") is null ? 0 : entry.After.Json.Number("spec", "maxOpenPRs") ?? int.MaxValue);
                break;
            case Resources.Tasks:
                SeeTask(entry);
                LookAt(entry.Object.Uid);
                break;
            case Resources.Jobs when entry.Object.ControllerUid is { } owner: LookAt(owner); break;
            case Resources.Pods when entry.Object.Label(Labels.TaskUid) is { } task: LookAt(task); break;
        }
    }

    private void SeeRepository(LogEntry entry)
    {
        var (name, view) = (entry.Object.Name, entry.After is { } after ? RepositoryView.Of(after) : null);
        if (On(name).Latest != view)
        {
            if (On(name).Latest?.Identity != view?.Identity)
            {
                _sameSince[name] = entry.At;
            }

            On(name).Set(entry.Version, view);
        }
    }

    private void SeeTask(LogEntry entry)
    {
        var uid = entry.Object.Uid;
        var (was, isNow) = (Recorded(entry.Before), Recorded(entry.After));
        if (isNow is null)
        {
            _recordedSince.Remove(uid);
        }
        else if (was != isNow)
        {
            _recordedSince[uid] = (entry.At, entry.Version);
        }

        if (entry is not { Before: { } before, After: { } after } || !entry.Actor.StartsWith("operator", StringComparison.Ordinal))
        {
            return;
        }

        if (after.Task.IsClaimed && after.Task.ClaimAttempt != before.Task.ClaimAttempt)
        {
            CheckClaim(entry, before, after);
        }
        else if (before.Task.IsClaimed && !after.Task.IsClaimed)
        {
            _finishedAt[uid] = entry.At;
        }
        else if (!before.Task.IsClaimed && !after.Task.IsClaimed)
        {
            CheckNews(before, after);
        }
    }

    /// <summary>The open pull request that an unfinished task has on record: it counts wherever its branch is.</summary>
    private static (string Repository, int Number)? Recorded(ServerObject? task) => task is { Task: { IsTerminal: false, PullRequest: "open" } }
        && task.Json.Text("spec", "repository") is { } repository && task.Json.Number("status", "pullRequest", "number") is { } number
            ? (repository, number)
            : null;

    private void CheckClaim(LogEntry entry, ServerObject before, ServerObject after)
    {
        var pool = _simulation.Setup.Blueprints.FirstOrDefault(one => one.Name == after.Task.Blueprint);
        if (before.Json.Text("spec", "repository") is not { } name || before.Task.PullRequest == "open" || pool?.OpensPullRequests == false)
        {
            // DESIGN §3: a repair, or what has no repository, reserves nothing and passes; so does who opens none (§2, opensPullRequests).
            return;
        }

        if (!_decided.TryGetValue((entry.Actor, after.Uid, after.Task.Attempt), out var basis))
        {
            return;
        }

        var claimed = new Work(after.Uid, after.Task.Attempt, name, On(name).Latest?.Identity, basis);
        _works[(after.Uid, after.Task.Attempt)] = claimed;
        Claims += On(name).Latest?.HasForge == true ? 1 : 0;
        Judge(claimed);

        // What was decided on later, and has landed before, had to count this one.
        foreach (var later in _works.Values.Where(work => work.EndedAt is null && work.Basis.Term == basis.Term && work.Basis.Order > basis.Order).ToList())
        {
            Judge(later);
        }
    }

    private void Judge(Work claimed)
    {
        var (name, basis) = (claimed.Repository, claimed.Basis);
        var views = On(name).Since(basis.Told.Repositories).ToList();
        if (views[^1] is not { } own || views.Any(view => view?.Identity != own.Identity))
        {
            // Changed a moment ago: the leader has decided by what it was.
            return;
        }

        if (own.HasForge)
        {
            CheckCount(own, views.Max(view => view!.StaleSeconds), claimed);
        }

        var group = GroupOf(name);
        var maximum = views.Max(view => view!.MaxOpen);
        if (maximum < int.MaxValue && IsSettled(group, basis) && Sum(group, basis) is var here && here.Count > maximum)
        {
            Violate("16 maxOpen holds", $"{claimed} was claimed for {name}, of which {maximum} may be open: {string.Join("; ", here)}");
        }

        var limit = _limit.Since(basis.Told.Orchestrators).Max();
        if (limit < int.MaxValue && Sources().Where(one => IsSettled(one, basis)).SelectMany(one => Sum(one, basis)).ToList() is var all && all.Count > limit)
        {
            Violate("16 maxOpenPRs holds", $"{claimed} was claimed for {name}; in the cluster {limit} may be open: {string.Join("; ", all)}");
        }
    }

    /// <summary>DESIGN §3: a new leader's gate is closed until its first count, and a repository with a stale or unknown count starts nothing.</summary>
    private void CheckCount(RepositoryView own, int staleSeconds, Work claimed)
    {
        var basis = claimed.Basis;
        if (!own.IsCountable || CountOf([own], basis) is not { } count)
        {
            Violate("17 a gate is closed until its first count", $"{claimed} was claimed for {own.Name}");
        }
        else if (basis.At - count.BegunAt > TimeSpan.FromSeconds(staleSeconds) + Slack)
        {
            Violate(
                "17 a count that is too old opens no gate",
                string.Create(CultureInfo.InvariantCulture, $"{claimed} was claimed for {own.Name}, last counted at {count.BegunAt.TotalSeconds:0.000}; {staleSeconds} s are allowed"));
        }
    }

    /// <summary>All that counts in what several objects speak of.</summary>
    private List<string> Sum(IReadOnlyList<RepositoryView> group, Basis basis)
    {
        var names = group.Select(view => view.Name).ToHashSet();
        var live = _works.Values.Where(work => work.EndedAt is null && names.Contains(work.Repository) && work.Basis.Order <= basis.Order).ToList();
        var sum = live.Where(work => OpenedBy(work) is not { } opened || opened.State == PullRequestState.Open).Select(work => $"{work} is at work").ToList();
        var recorded = Records(names).ToList();
        if (!group[0].HasForge)
        {
            sum.AddRange(recorded.Where(task => IsKnown(task, basis)).Select(task => $"{task.Name} has {task.Json.At("status", "pullRequest")!.ToJsonString()}"));
            return sum;
        }

        var count = CountOf(group, basis);
        foreach (var pull in _simulation.Forge.Of(group[0].Home).Where(pull => pull.State == PullRequestState.Open))
        {
            var record = recorded.FirstOrDefault(task => task.Json.Number("status", "pullRequest", "number") == pull.Number);
            if ((group[0].Matches(pull) || record is not null)
                && !live.Any(work => OpenedBy(work) == pull)
                && (IsReserved(pull, names, count, basis) || IsSeen(pull, group[0], count) || (count is null && record is not null && IsKnown(record, basis))))
            {
                sum.Add(pull.ToString());
            }
        }

        return sum;
    }

    /// <summary>DESIGN §3: a reservation ends only when a count that began after the attempt's end has been read. A leader knows of the attempts that it found or
    /// started; what others have opened before, and no task tells of, its first count tells it. While a repository's object is another, or means another
    /// repository, than at the claim, the reservation is not for what the attempt's pull request is counted under.</summary>
    private bool IsReserved(Pull pull, HashSet<string> names, CountRecord? count, Basis basis) =>
        pull is { TaskUid: { } uid, Opener: { } attempt }
        && _works.TryGetValue((uid, attempt), out var work)
        && names.Contains(work.Repository)
        && work.Basis.Order < basis.Order
        && work.Identity == On(work.Repository).Latest?.Identity
        && work.EndedAt is { } end
        && end >= basis.Term.KnowsSince
        && (count is null || end >= count.BegunAt);

    /// <summary>What people open or open again, no gate can prevent: it counts as soon as the leader's newest count could see it.</summary>
    private static bool IsSeen(Pull pull, RepositoryView view, CountRecord? count) =>
        count is not null && count.SnapshotAt >= pull.OpenSince && (view.Matches(pull) || count.Known.Contains(pull.Number));

    /// <summary>True when a leader had been told of a record, or its own attempt has made it.</summary>
    private bool IsKnown(ServerObject task, Basis basis) => _recordedSince[task.Uid].Version <= basis.Told.Tasks
        || (_works.TryGetValue((task.Uid, task.Task.Attempt), out var work) && (work.EndedAt is null || work.EndedAt >= basis.At));

    private IEnumerable<ServerObject> Records(HashSet<string> names) =>
        _server.All(Resources.Tasks).Where(task => Recorded(task) is { } record && names.Contains(record.Repository));

    /// <summary>The count that a leader went by: of those that it had been answered, the one begun last.</summary>
    private CountRecord? CountOf(IReadOnlyCollection<RepositoryView> group, Basis basis) => _simulation.Forge.Counts.LastOrDefault(count =>
        count.Term == basis.Term
        && count.AnsweredAt <= basis.At
        && group.Any(view => view.Name == count.Repository.Name && view.Identity == count.Repository.Identity)
        && count.BegunAt >= _sameSince[count.Repository.Name]);

    /// <summary>All that is open in the pool, or may be.</summary>
    private int Truth(IReadOnlyList<RepositoryView> group)
    {
        var names = group.Select(view => view.Name).ToHashSet();
        var live = _works.Values.Count(work => work.EndedAt is null && names.Contains(work.Repository));
        var recorded = Records(names).Select(task => task.Json.Number("status", "pullRequest", "number")).ToHashSet();
        return live + (group[0].HasForge
            ? _simulation.Forge.Of(group[0].Home).Count(pull => pull.State == PullRequestState.Open && (group[0].Matches(pull) || recorded.Contains(pull.Number)))
            : Records(names).Count());
    }

    /// <summary>The repositories that there are, those together that speak of the same pull requests.</summary>
    private IEnumerable<IReadOnlyList<RepositoryView>> Sources() =>
        _repositories.Values.Select(timeline => timeline.Latest).OfType<RepositoryView>().GroupBy(view => view.Source).Select(group => group.ToList());

    private IReadOnlyList<RepositoryView> GroupOf(string name) => Sources().First(group => group.Any(view => view.Name == name));

    /// <summary>False while something of what several objects speak of has changed that the leader need not have been told when it decided.</summary>
    private bool IsSettled(IReadOnlyList<RepositoryView> group, Basis basis) =>
        _repositories.Values.All(timeline => timeline.Since(basis.Told.Repositories).Select(view => view?.Identity).Distinct().Count() == 1
            || !timeline.Since(basis.Told.Repositories).Any(view => view?.Source == group[0].Source));

    private Pull? OpenedBy(Work work) => _simulation.Forge.All.FirstOrDefault(pull => pull.TaskUid == work.TaskUid && pull.Opener == work.Attempt);

    /// <summary>An attempt ends with its claim, its Job and the last of its pods.</summary>
    private void LookAt(string taskUid)
    {
        foreach (var work in _works.Values.Where(work => work.EndedAt is null && work.TaskUid == taskUid))
        {
            var attempt = work.Attempt.ToString(CultureInfo.InvariantCulture);
            var isLive = _server.FindUid(Resources.Tasks, taskUid)?.Task.ClaimAttempt == work.Attempt
                || _server.All(Resources.Jobs).Any(job => job.ControllerUid == taskUid && !job.IsEndedJob && job.Label(Labels.Attempt) == attempt)
                || _server.All(Resources.Pods).Any(pod => !pod.IsEndedPod && pod.Label(Labels.TaskUid) == taskUid && pod.Label(Labels.Attempt) == attempt);
            work.EndedAt = isLive ? null : _simulation.World.Now;
        }
    }

    /// <summary>What a task is told of its pull request, without an attempt or a person's word, is what its forge has said since its last attempt's end.</summary>
    private void CheckNews(ServerObject before, ServerObject after)
    {
        var (was, isNow) = (before.Json.At("status", "pullRequest"), after.Json.At("status", "pullRequest"));
        if (System.Text.Json.Nodes.JsonNode.DeepEquals(was, isNow)
            || !System.Text.Json.Nodes.JsonNode.DeepEquals(before.Json.At("status", "decision"), after.Json.At("status", "decision")))
        {
            return;
        }

        var (number, head) = (after.Json.Number("status", "pullRequest", "number"), after.Json.Text("status", "pullRequest", "headSHA"));
        var pulls = _simulation.Forge.All.Where(pull => pull.Number == number && HomesOf(after).Contains(pull.Home));
        if (!pulls.SelectMany(pull => pull.Since(_finishedAt.GetValueOrDefault(after.Uid))).Any(one => Word(one.State) == after.Task.PullRequest && one.Head == head))
        {
            Violate("18 what a task is told of its pull request is so", $"{after.Name}: {was?.ToJsonString()} became {isNow?.ToJsonString()}");
        }
    }

    private IEnumerable<string> HomesOf(ServerObject task) => On(task.Json.Text("spec", "repository") ?? "").Since(0).OfType<RepositoryView>().Select(view => view.Home);

    private Timeline<RepositoryView?> On(string name)
    {
        if (!_repositories.TryGetValue(name, out var timeline))
        {
            _repositories[name] = timeline = new Timeline<RepositoryView?>(null);
        }

        return timeline;
    }

    private void Violate(string invariant, string what) => _simulation.World.Violate(invariant, what);

    /// <summary>What a leader went by when it decided.</summary>
    private sealed record Basis(ClaimBasis Told, TermRun Term, TimeSpan At, int Order);

    /// <summary>An attempt that may open a pull request.</summary>
    private sealed class Work(string taskUid, int attempt, string repository, string? identity, Basis basis)
    {
        public string TaskUid => taskUid;

        public int Attempt => attempt;

        public string Repository => repository;

        /// <summary>What its repository was when it was claimed.</summary>
        public string? Identity => identity;

        /// <summary>What its claim was decided by.</summary>
        public Basis Basis => basis;

        /// <summary>When the last of it had ended; null while it has not.</summary>
        public TimeSpan? EndedAt { get; set; }

        public override string ToString() => $"attempt {attempt} of {taskUid}";
    }
}
