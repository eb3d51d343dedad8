using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Forge;
using Octopoid.Operator.Loop;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>Admission in virtual time, with agents that are made up and a forge that is asked over real HTTP. Each claim is checked against the forge's own
/// books.</summary>
internal sealed class ForgePool : IForge
{
    private const string Namespace = "work";

    private readonly CountingClient _client;
    private readonly Random _random;
    private readonly ClusterState _state = new();
    private readonly CountPullRequests _effect;
    private readonly Dictionary<string, AgentTask> _tasks = [];
    private readonly Dictionary<NamespacedName, (AgentRepository Object, ForgeRepository Forge, ForgeSession Session)> _repositories = [];
    private readonly Dictionary<string, Work> _works = [];
    private readonly List<(Task<Fact> Fact, DateTimeOffset Due)> _counts = [];
    private readonly int _limit;
    private int _version;

    public ForgePool(CountingClient client, Random random, int limit)
    {
        (_client, _random, _limit) = (client, random, limit);
        _effect = new CountPullRequests(this, new Inbox(client.Time), new FailureLog(client.Time), NullLogger<CountPullRequests>.Instance);
        See(new Fact.OrchestratorSeen(new AgentOrchestrator
        {
            Metadata = new ObjectMeta { Name = "default", Uid = "uid-default", ResourceVersion = "1" }, Spec = new AgentOrchestratorSpec(100, limit),
        }));
        See(new Fact.BlueprintSeen(null, new AgentBlueprint
        {
            Metadata = new ObjectMeta { Name = "implementer", Namespace = Namespace, Uid = "uid-implementer", ResourceVersion = "1", Generation = 1 },
            Spec = new AgentBlueprintSpec(100)
            {
                Image = "agent:1", Scripts = new BlueprintScripts { Inline = new Dictionary<string, string> { ["run"] = "exit 0" } },
            },
        }));
    }

    public DateTimeOffset Now => _client.Time.GetUtcNow();

    public int Claims { get; private set; }

    public int Counts { get; private set; }

    public int Failures { get; private set; }

    /// <summary>When the oldest of the last good counts of all repositories was begun; null before.</summary>
    public DateTimeOffset? CountedSince => _repositories.Keys.Select(key => _state.PullRequests.CountOf(key)?.At).Min(at => at ?? DateTimeOffset.MinValue);

    /// <summary>True when answers come at once.</summary>
    public bool IsPrompt { get; init; }

    /// <summary>True while requests get no answer, so that they are not waited for.</summary>
    public bool IsHanging { get; set; }

    public void AddRepository(ForgeRepository repository, int? maxOpen)
    {
        var made = _client.RepositoryNamed(repository.Name);
        made = made with { Spec = made.Spec with { PullRequests = new PullRequestPolicy { MaxOpen = maxOpen } } };
        _repositories[RepositoryRules.Key(made)] = (made, repository, _client.Open(made));
        See(new Fact.RepositorySeen(null, made));
    }

    /// <summary>Adds a task that waits, or one whose pull request is open and on record.</summary>
    public void AddTask(string name, ForgeRepository repository, long? pullRequest = null) => Save(new AgentTask
    {
        Metadata = new ObjectMeta { Name = name, Namespace = Namespace, Uid = "uid-" + name, CreationTimestamp = Now, Generation = 1 },
        Spec = new AgentTaskSpec { Prompt = "Do it.", Repository = _repositories.Single(pair => pair.Value.Forge == repository).Key.Name },
        Status = pullRequest is null ? new AgentTaskStatus { State = FlowStates.Incoming } : new AgentTaskStatus
        {
            State = "provisional",
            Attempt = 1,
            PullRequest = new TaskPullRequest { Number = pullRequest, State = PullRequestState.Open, HeadSHA = repository[pullRequest.Value].HeadSha },
        },
    });

    Task<PullRequestCount> IForge.CountAsync(
        AgentRepository repository, IReadOnlyDictionary<long, PullRequestState> known, CancellationToken cancellationToken) =>
        _repositories[RepositoryRules.Key(repository)].Session.CountAsync(repository, known, cancellationToken);

    /// <summary>Lets all happen that is due by now, and the answers come.</summary>
    /// <returns>When something will next be due.</returns>
    public async Task<DateTimeOffset> SettleAsync()
    {
        foreach (var (uid, work) in _works.ToList())
        {
            GoOn(uid, work);
        }

        do
        {
            _state.RingAlarms(Now);
            while (AdmissionCycle.Run(_state, Now) is { Count: > 0 } decisions)
            {
                foreach (var decision in decisions)
                {
                    await CarryOutAsync(decision);
                }
            }
        }
        while (await AnswerAsync());

        Assert.True(!(_state.NextAlarm <= Now), "The loop would turn without a pause.");
        DateTimeOffset?[] times = [_state.NextAlarm, .. _works.Values.SelectMany(work => new[] { work.OpensAt, work.EndsAt }), .. _counts.Select(count => (DateTimeOffset?)count.Due)];
        return times.Where(time => time > Now).Min() ?? DateTimeOffset.MaxValue;
    }

    private async Task CarryOutAsync(Decision decision)
    {
        switch (decision)
        {
            case Decision.Claim claim:
                Claim(claim);
                break;
            case Decision.CreateJob { Slot: var slot }:
                _state.Apply(new Fact.JobSeen(null, Job(slot, null)), Now);
                _state.Apply(new Fact.JobLanded(slot.TaskUid, slot.Attempt, null), Now);
                _state.Apply(new Fact.PodSeen(null, Pod(slot, "Running", null)), Now);
                break;
            case Decision.Finish finish:
                var ended = _tasks[finish.Slot.TaskUid];
                Save(ended with { Status = TaskStatusAfter.Finish(ended, finish.End, finish.Flow, finish.Retry, Now) });
                _state.Apply(new Fact.FinishLanded(finish.Slot.TaskUid, finish.Slot.Attempt), Now);
                break;
            case Decision.Settle settle:
                var settled = _tasks[settle.Task.Metadata.Uid];
                if (TaskSettlement.Of(settled, settle, new RetryPolicy().MaxRejections, Now) is { } after)
                {
                    Save(settled with { Status = after });
                }

                _state.Apply(new Fact.SettlementEnded(settled.Metadata.Uid, null), Now);
                break;
            case Decision.CountPullRequests count:
                await BeginAsync(count);
                break;
            default:
                throw new InvalidOperationException($"Nothing here does {decision}.");
        }
    }

    /// <summary>Asks the forge. What it answers may be old when it is heard.</summary>
    private async Task BeginAsync(Decision.CountPullRequests count)
    {
        var met = _client.Forge.Faults.Met;
        var answer = _effect.CountAsync(count, TestContext.Current.CancellationToken);
        if (IsHanging)
        {
            await Eventually.IsAsync(() => _client.Forge.Faults.Met > met);
            _counts.Add((answer, Now + TimeSpan.FromSeconds(30)));
        }
        else
        {
            await answer;
            _counts.Add((answer, Now + TimeSpan.FromSeconds(IsPrompt || _random.Next(2) == 0 ? 0 : _random.Next(25))));
        }
    }

    /// <summary>Takes in the forge's answers.</summary>
    /// <returns>True when there were any.</returns>
    private async Task<bool> AnswerAsync()
    {
        var due = _counts.Where(count => count.Due <= Now).ToList();
        foreach (var count in due)
        {
            var fact = await count.Fact;
            _counts.Remove(count);
            (Counts, Failures) = (Counts + 1, Failures + (fact is Fact.PullRequestCountFailed ? 1 : 0));
            _state.Apply(fact, Now);
        }

        return due.Count > 0;
    }

    private void Claim(Decision.Claim claim)
    {
        var slot = claim.Slot;
        var task = _tasks[slot.TaskUid];
        var made = new TaskClaim
        {
            Blueprint = slot.Blueprint.Name, Attempt = slot.Attempt, JobName = slot.JobName, ClaimedAt = slot.ClaimedAt, From = claim.Task.State(), Holder = "me",
        };
        Claims++;
        if (slot.OpensPullRequestIn is { } repository)
        {
            var endsAt = Now + TimeSpan.FromSeconds(_random.Next(20, 900));

            // Some open theirs in their last second, some never do.
            var opensAt = _random.Next(4) switch { 0 => endsAt, 1 => (DateTimeOffset?)null, _ => Now + ((endsAt - Now) * _random.NextDouble()) };
            _works[slot.TaskUid] = new Work(slot, repository, opensAt, endsAt);
            Check();
        }
        else
        {
            _works[slot.TaskUid] = new Work(slot, null, null, Now + TimeSpan.FromSeconds(_random.Next(20, 300)));
        }

        Save(task with { Status = task.Status! with { State = claim.State, ClaimedBy = made.Blueprint, Claim = made, Attempt = slot.Attempt, NextEligibleTime = null } });
        _state.Apply(new Fact.ClaimLanded(slot.TaskUid, slot.Attempt, _tasks[slot.TaskUid]), Now);
    }

    /// <summary>By the forge's own books, no start may make more than are allowed.</summary>
    private void Check()
    {
        foreach (var (key, (made, forge, _)) in _repositories)
        {
            Assert.True(!(Open(forge) + Pending(key) > made.Spec.PullRequests.MaxOpen), $"{key} has {Open(forge)} open and {Pending(key)} to come.");
        }

        var (open, pending) = (_repositories.Values.Sum(one => Open(one.Forge)), _repositories.Keys.Sum(Pending));
        Assert.True(open + pending <= _limit, $"At {Now:T}, {open} are open and {pending} to come; {_limit} are allowed.");

        static int Open(ForgeRepository repository) => CountingClient.TrueIn(repository);
        int Pending(NamespacedName repository) => _works.Values.Count(work => work.Repository == repository && !work.HasOpened);
    }

    /// <summary>An agent opens its pull request, and ends.</summary>
    private void GoOn(string uid, Work work)
    {
        if (!work.HasOpened && work is { Repository: { } repository, OpensAt: { } opensAt } && opensAt <= Now)
        {
            var forge = _repositories[repository].Forge;
            var branch = AttemptNames.Branch("agent/", work.Slot.Task.Name, uid);
            var number = forge.PullRequests.FirstOrDefault(pull => pull.IsOpen && pull.Branch == branch)?.Number ?? forge.Open(branch);
            _works[uid] = work = work with { HasOpened = true, Number = number };
        }

        if (work.EndsAt <= Now)
        {
            // Some forget to tell of it, and some fail after it.
            var (isTold, outcome) = (_random.Next(4) > 0, _random.Next(5) == 0 ? "failed" : "done");
            var pull = work.Number is { } number && isTold && outcome == "done" ? $$""", "pullRequest":{"number":{{number}},"url":""}""" : "";
            _works.Remove(uid);
            _state.Apply(new Fact.JobSeen(Job(work.Slot, null), Job(work.Slot, "Complete")), Now);
            _state.Apply(
                new Fact.PodSeen(Pod(work.Slot, "Running", null), Pod(work.Slot, "Succeeded", $$"""{"attempt":{{work.Slot.Attempt}},"outcome":"{{outcome}}","commits":1{{pull}}}""")),
                Now);
        }
    }

    private void Save(AgentTask task)
    {
        var known = _tasks.GetValueOrDefault(task.Metadata.Uid);
        _tasks[task.Metadata.Uid] = task = task with { Metadata = task.Metadata with { ResourceVersion = $"{++_version}" } };
        See(new Fact.TaskSeen(known is null ? null : ObservedTask.From(known), ObservedTask.From(task)));
    }

    private void See(Fact fact) => _state.Apply(fact, Now);

    private static ObservedJob Job(Slot slot, string? ended) => new()
    {
        Metadata = Child(slot, slot.JobName) with { ControllerUid = slot.TaskUid },
        TerminalCondition = ended is null ? null : new ObservedJob.JobCondition(ended),
    };

    private static ObservedPod Pod(Slot slot, string phase, string? message) => new()
    {
        Metadata = Child(slot, "pod-" + slot.JobName) with { ControllerUid = "uid-" + slot.JobName, ControllerJob = slot.JobName },
        Status = new ObservedPod.PodStatus
        {
            Phase = phase,
            ContainerStatuses = message is null ? null : [new ObservedPod.ContainerStatus
            {
                Name = "agent",
                State = new ObservedPod.ContainerState { Terminated = new ObservedPod.TerminatedState { ExitCode = 0, Message = message } },
            }],
        },
    };

    private static ObservedChildMeta Child(Slot slot, string name) => new()
    {
        Name = name,
        Namespace = Namespace,
        Uid = "uid-" + name,
        ResourceVersion = "1",
        TaskUid = slot.TaskUid,
        Attempt = slot.Attempt,
        Blueprint = slot.Blueprint.Name,
    };

    /// <summary>An attempt at work.</summary>
    private sealed record Work(Slot Slot, NamespacedName? Repository, DateTimeOffset? OpensAt, DateTimeOffset EndsAt)
    {
        public bool HasOpened { get; init; }

        public long? Number { get; init; }
    }
}
