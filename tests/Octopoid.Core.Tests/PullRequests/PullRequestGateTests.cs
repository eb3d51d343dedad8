using CsCheck;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.PullRequests;

public sealed class PullRequestGateTests
{
    private static readonly NamespacedName Code = new(Given.Namespace, "code");

    private readonly ClusterState _state = new();
    private readonly Queue<Decision.CountPullRequests> _asked = [];
    private DateTimeOffset _now = Given.Noon;

    [Fact]
    public void Running_attempts_and_recorded_pull_requests_share_the_limit()
    {
        See(
            new Fact.OrchestratorSeen(Given.Orchestrator(10, maxOpenPRs: 3)),
            new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 10)),
            new Fact.RepositorySeen(null, Given.Repository()),
            new Fact.TaskSeen(null, Given.Task("open", status: Given.WithPullRequest("provisional"), repository: "code")),
            new Fact.TaskSeen(null, Given.Task("merged", status: Given.WithPullRequest(FlowStates.Done), repository: "code")));
        SeeTasks(5);

        Assert.Equal(2, Cycle().Count);
        Assert.Empty(Cycle());
        var status = BlueprintReport.Of(_state.Blueprints.Single(), _state, new PullRequestGate(_state, _now), _now);
        Assert.Equal((BlueprintState.Backpressured, Reasons.OpenPRLimit), (status.State, status.Reason));
        Assert.Equal("1 pull requests of the cluster are open and 2 more may be opened by agents at work; 3 are allowed.", status.Message);
        var orchestrator = OrchestratorReport.Of(_state.Orchestrator!, _state, new PullRequestGate(_state, _now), "me", "1", _now);
        Assert.Equal(1, orchestrator.OpenPullRequests);
        Assert.Contains(orchestrator.Conditions!, c => c is { Type: ConditionTypes.Backpressured, Status: ConditionStatus.True });
    }

    [Fact]
    public void Repairs_reviewers_and_tasks_without_a_repository_pass_a_full_gate()
    {
        var reviewer = Given.Blueprint("reviewer", 10);
        See(
            new Fact.OrchestratorSeen(Given.Orchestrator(10, maxOpenPRs: 0)),
            new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 10)),
            new Fact.BlueprintSeen(null, reviewer with { Spec = reviewer.Spec with { OpensPullRequests = false } }),
            new Fact.FlowSeen(null, new AgentFlow
            {
                Metadata = new ObjectMeta { Name = "review", Namespace = Given.Namespace },
                Spec = new AgentFlowSpec { Transitions = Given.Transitions("reviewer") },
            }),
            new Fact.RepositorySeen(null, Given.Repository()),
            new Fact.TaskSeen(null, Given.Task("new", repository: "code")),
            new Fact.TaskSeen(null, Given.Task("repair", status: Given.WithPullRequest(), repository: "code")),
            new Fact.TaskSeen(null, Given.Task("plain")),
            new Fact.TaskSeen(null, Given.Task("review", flow: "review", repository: "code")));

        Assert.Equal(["plain", "repair", "review"], Cycle().Cast<Decision.Claim>().Select(claim => claim.Task.Metadata.Name).Order());
        Assert.Equal(new PullRequestGate.Usage(1, 0), new PullRequestGate(_state, _now).All);
    }

    [Fact]
    public void A_forge_that_has_not_counted_starts_nothing_and_neither_does_an_old_count()
    {
        SeeForge(maxOpenPRs: 10);
        SeeTasks(1);
        Assert.Empty(Cycle());
        Assert.Equal(Reasons.OpenPRCountUnknown, BlueprintReport.Of(_state.Blueprints.Single(), _state, new PullRequestGate(_state, _now), _now).Reason);

        Count(0);
        _now += TimeSpan.FromSeconds(301);
        Assert.Empty(Cycle());
        Assert.Equal(
            "The open pull requests of code were last counted at 2026-03-01T12:00:00Z, more than 300 s ago.",
            BlueprintReport.Of(_state.Blueprints.Single(), _state, new PullRequestGate(_state, _now), _now).Message);

        // Set back, the clock makes no old count a fresh one.
        _now -= TimeSpan.FromHours(1);
        Assert.Empty(Cycle());
        _state.SetBack(TimeSpan.FromHours(-1));
        Count(0);
        Assert.Single(Cycle());
    }

    [Fact]
    public void An_old_count_is_told_of_when_it_becomes_old()
    {
        SeeForge(maxOpenPRs: 10);
        Count(0);

        Assert.False(_state.RingAlarms(_now.AddSeconds(300)));
        Assert.True(_state.RingAlarms(_now.AddSeconds(301)));
    }

    [Fact]
    public void A_reservation_ends_only_with_a_count_that_was_begun_after_the_attempt_had_ended()
    {
        SeeForge(maxOpenPRs: 1);
        SeeTasks(2);
        Count(0);
        Assert.Single(Cycle());

        // Asked for while the attempt runs: its pull request may be opened after it was counted.
        _now += TimeSpan.FromSeconds(60);
        Assert.Empty(Cycle());
        Run("t0");
        Answer(0);
        Assert.Empty(Cycle());
        Count(0);
        Assert.Single(Cycle());
    }

    [Fact]
    public void An_uncounted_repository_closes_itself_alone_and_stands_with_its_last_number_in_the_sum()
    {
        SeeForge(maxOpenPRs: 3);
        See(
            new Fact.RepositorySeen(null, Given.Repository("other", RepositoryProvider.GitHub, lastCount: 2)),
            new Fact.TaskSeen(null, Given.Task("blocked", repository: "other")));
        SeeTasks(2);
        Count(0);

        Assert.Equal("t0", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.Name);
    }

    [Fact]
    public void A_repository_that_is_gone_or_made_again_takes_nothing_out_of_the_sum()
    {
        SeeForge(maxOpenPRs: 2);
        SeeTasks(1);
        Count(0);
        Assert.Single(Cycle());
        See(new Fact.RepositorySeen(Given.Repository(provider: RepositoryProvider.GitHub), null));
        Assert.Equal(1, new PullRequestGate(_state, _now).All.Reserved);

        // Its agent ends, and its pull request is on record with its task.
        See(new Fact.RepositorySeen(null, Given.Repository(provider: RepositoryProvider.GitHub)));
        Run("t0");
        See(new Fact.RepositorySeen(Given.Repository(provider: RepositoryProvider.GitHub), null));
        See(new Fact.RepositorySeen(null, Given.Repository(provider: RepositoryProvider.GitHub)));
        See(new Fact.TaskSeen(null, Given.Task("opened", status: Given.WithPullRequest("provisional"), repository: "code")));
        Assert.Equal(new PullRequestGate.Usage(1, 1), new PullRequestGate(_state, _now).All);
    }

    [Fact]
    public void Ten_thousand_tasks_of_a_closed_repository_do_not_hold_back_one_of_an_open_one()
    {
        SeeForge(maxOpenPRs: null);
        SeeTasks(10_000);
        See(
            new Fact.RepositorySeen(null, Given.Repository("open")),
            new Fact.TaskSeen(null, Given.Task("free", TaskPriority.P3, repository: "open")));

        Assert.Equal("free", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.Name);
    }

    [Fact]
    public void Open_and_reserved_never_exceed_a_limit_by_a_start_and_no_room_is_left_beside_a_task_that_fits() =>
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 8], Gen.Int[0, 8])
            .Sample((all, own, openHere, openThere, here, there) =>
            {
                var state = new ClusterState();
                Fact[] facts =
                [
                    new Fact.OrchestratorSeen(Given.Orchestrator(100, maxOpenPRs: all)),
                    new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 100)),
                    new Fact.RepositorySeen(null, Given.Repository(provider: RepositoryProvider.GitHub, maxOpen: own)),
                    new Fact.RepositorySeen(null, Given.Repository("other", RepositoryProvider.GitHub)),
                    .. Enumerable.Range(0, here).Select(i => new Fact.TaskSeen(null, Given.Task($"h{i}", repository: "code"))),
                    .. Enumerable.Range(0, there).Select(i => new Fact.TaskSeen(null, Given.Task($"o{i}", repository: "other"))),
                ];
                foreach (var fact in facts)
                {
                    state.Apply(fact, Given.Noon);
                }

                foreach (var asked in AdmissionCycle.Run(state, Given.Noon).Cast<Decision.CountPullRequests>())
                {
                    var key = RepositoryRules.Key(asked.Repository);
                    state.Apply(new Fact.PullRequestsCounted(key, asked.Order, new PullRequestCount(key == Code ? openHere : openThere)), Given.Noon);
                }

                var claims = AdmissionCycle.Run(state, Given.Noon).Cast<Decision.Claim>().CountBy(claim => claim.Task.Spec.Repository!).ToDictionary();

                var (startedHere, startedThere) = (claims.GetValueOrDefault("code"), claims.GetValueOrDefault("other"));
                var room = Math.Max(0, all - openHere - openThere);
                var roomHere = Math.Min(room, Math.Max(0, own - openHere));
                Assert.True(startedHere <= roomHere);
                Assert.Equal(Math.Min(room, Math.Min(here, roomHere) + there), startedHere + startedThere);
            });

    private void SeeForge(int? maxOpenPRs) => See(
        new Fact.OrchestratorSeen(Given.Orchestrator(10, maxOpenPRs: maxOpenPRs)),
        new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 10)),
        new Fact.RepositorySeen(null, Given.Repository(provider: RepositoryProvider.GitHub)));

    private void SeeTasks(int count) =>
        See([.. Enumerable.Range(0, count).Select(i => new Fact.TaskSeen(null, Given.Task($"t{i}", repository: "code")))]);

    /// <summary>The forge is asked once more, and answers.</summary>
    private void Count(int open)
    {
        Assert.Empty(Cycle());
        if (_asked.Count == 0)
        {
            _now += TimeSpan.FromSeconds(60);
            Assert.Empty(Cycle());
        }

        Answer(open);
    }

    private void Answer(int open)
    {
        var asked = _asked.Dequeue();
        See(new Fact.PullRequestsCounted(RepositoryRules.Key(asked.Repository), asked.Order, new PullRequestCount(open)));
    }

    /// <summary>The attempt of a claimed task runs and ends.</summary>
    private void Run(string name)
    {
        var uid = "uid-" + name;
        var claimed = Given.Claimed(Given.Task(name, repository: "code"));
        See(
            new Fact.TaskSeen(null, claimed),
            new Fact.ClaimLanded(uid, 1, Given.Whole(claimed)),
            new Fact.JobSeen(null, Given.Job(uid, ended: "Complete")),
            new Fact.PodSeen(null, Given.Succeeded(uid)));
        Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));
        See(
            new Fact.TaskSeen(claimed, claimed with { Status = new ObservedTask.TaskStatus { State = FlowStates.Done, Attempt = 1 } }),
            new Fact.FinishLanded(uid, 1));
        Assert.Empty(Cycle());
        Assert.Null(_state.Ledger.Find(uid));
    }

    /// <summary>What is decided but for what forges are asked.</summary>
    private List<Decision> Cycle()
    {
        var decisions = AdmissionCycle.Run(_state, _now);
        decisions.OfType<Decision.CountPullRequests>().ToList().ForEach(_asked.Enqueue);
        return [.. decisions.Where(decision => decision is not Decision.CountPullRequests)];
    }

    private void See(params Fact[] facts)
    {
        foreach (var fact in facts)
        {
            _state.Apply(fact, _now);
        }
    }
}
