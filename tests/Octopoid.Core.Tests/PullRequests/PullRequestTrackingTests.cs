using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.PullRequests;

/// <summary>What is asked of forges, and what their answers do to the state.</summary>
public sealed class PullRequestTrackingTests
{
    private static readonly NamespacedName Code = new(Given.Namespace, "code");
    private static readonly AgentRepository Forge = Given.Repository(provider: RepositoryProvider.GitHub) is var made
        ? made with { Metadata = made.Metadata with { Generation = 1 } }
        : made;

    private readonly ClusterState _state = new();
    private DateTimeOffset _now = Given.Noon;

    public PullRequestTrackingTests() => See(
        new Fact.OrchestratorSeen(Given.Orchestrator(10, maxOpenPRs: 5)),
        new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 10)),
        new Fact.RepositorySeen(null, Forge));

    [Fact]
    public void A_forge_is_asked_of_what_unfinished_tasks_have_on_record()
    {
        See(
            new Fact.TaskSeen(null, Waiting("a", 7)),
            new Fact.TaskSeen(null, Waiting("b", 8, PullRequestState.Closed)),
            new Fact.TaskSeen(null, Waiting("done", 9, state: FlowStates.Done)),
            new Fact.TaskSeen(null, Given.Task("none", repository: "code")));

        Assert.Equal([(7, PullRequestState.Open), (8, PullRequestState.Closed)], Ask().Known.Select(known => (known.Key, known.Value)).Order());
    }

    [Fact]
    public void What_a_forge_says_otherwise_than_a_task_is_written_to_the_task_and_to_no_other()
    {
        See(new Fact.TaskSeen(null, Waiting("a", 7)), new Fact.TaskSeen(null, Waiting("b", 8)));
        Answer(Ask(), (7, PullRequestState.Merged), (8, PullRequestState.Open));

        var settle = Assert.IsType<Decision.Settle>(Assert.Single(Cycle()));
        Assert.Equal(("a", PullRequestState.Merged, true), (settle.Task.Metadata.Name, settle.PullRequest!.State, settle.HasForge));
    }

    [Fact]
    public void A_count_that_was_begun_before_the_last_attempt_had_ended_is_no_news()
    {
        var before = Waiting("a", 7) is var waiting ? waiting with { Status = waiting.Status! with { PullRequest = Recorded(7) with { HeadSHA = "old" } } } : null;
        See(new Fact.TaskSeen(null, before));
        var asked = Ask();

        // An attempt has pushed to it meanwhile; the forge was asked before that.
        See(new Fact.TaskSeen(before, Waiting("a", 7)));
        Answer(asked, (7, PullRequestState.Closed));
        Assert.DoesNotContain(Cycle(), decision => decision is Decision.Settle);

        _now += TimeSpan.FromMinutes(1);
        Answer(Ask(), (7, PullRequestState.Closed));
        Assert.Contains(Cycle(), decision => decision is Decision.Settle { PullRequest.State: PullRequestState.Closed });
    }

    [Fact]
    public void An_answer_of_what_is_not_counted_any_more_is_not_heard()
    {
        var asked = Ask();
        var other = Forge with { Metadata = Forge.Metadata with { Generation = 2 }, Spec = Forge.Spec with { PullRequests = new PullRequestPolicy { BranchPrefix = "bot/" } } };
        See(new Fact.RepositorySeen(Forge, other));
        Answer(asked);
        Assert.Null(_state.PullRequests.CountOf(Code));

        Answer(Ask());
        Assert.NotNull(_state.PullRequests.CountOf(Code));
    }

    [Fact]
    public void A_webhook_has_it_counted_at_once_and_once_however_often_it_is_seen()
    {
        Answer(Ask());
        var told = Forge with { Status = new AgentRepositoryStatus { LastWebhookTime = _now } };
        See(new Fact.RepositorySeen(Forge, told));
        Answer(Ask());

        See(new Fact.RepositorySeen(told, told with { Status = told.Status with { OpenPullRequests = 1 } }));
        Assert.DoesNotContain(Cycle(), decision => decision is Decision.CountPullRequests);
        Assert.Equal(_now, RepositoryReport.Of(told, _state, new PullRequestGate(_state, _now), _now)!.LastWebhookTime);
    }

    [Fact]
    public void A_webhook_that_comes_with_an_edit_while_a_count_is_under_way_is_counted_right_after()
    {
        var asked = Ask();
        See(new Fact.RepositorySeen(Forge, Forge with { Metadata = Forge.Metadata with { Generation = 2 }, Status = new AgentRepositoryStatus { LastWebhookTime = _now } }));
        Answer(asked);
        Ask();
    }

    [Fact]
    public void An_edit_of_anything_else_has_it_counted_at_once_and_keeps_the_count()
    {
        Answer(Ask());
        See(new Fact.RepositorySeen(Forge, Forge with { Metadata = Forge.Metadata with { Generation = 2 }, Spec = Forge.Spec with { ApiSecretName = "other" } }));
        Assert.NotNull(_state.PullRequests.CountOf(Code));
        Ask();
    }

    [Fact]
    public void Its_own_status_has_nothing_asked()
    {
        Answer(Ask());
        See(new Fact.RepositorySeen(Forge, Forge with { Status = new AgentRepositoryStatus { OpenPullRequests = 1 } }));
        Assert.Empty(Cycle());
    }

    [Fact]
    public void A_failure_keeps_the_last_count_and_is_told()
    {
        Answer(Ask());
        _now += TimeSpan.FromMinutes(1);
        _state.Apply(new Fact.PullRequestCountFailed(Code, Ask().Order, new CountFailure(Reasons.ForgeFailed, "It is ill.")), _now);
        Assert.Equal(0, _state.PullRequests.CountOf(Code)!.Said.Open);

        var status = Report(Forge);
        Assert.Equal((ConditionStatus.False, Reasons.ForgeFailed, "It is ill."), Condition(status, ConditionTypes.Ready));
        Assert.Equal(ConditionStatus.True, Condition(status, ConditionTypes.CountFresh).Status);
        Assert.Equal(GateState.Open, status.Gate);

        _now += TimeSpan.FromMinutes(10);
        status = Report(Forge);
        Assert.Equal((GateState.Closed, Reasons.OpenPRCountUnknown), (status.Gate, status.Reason));
        Assert.Equal("The open pull requests of code were last counted at 2026-03-01T12:00:00Z, more than 300 s ago: It is ill.", status.Message);
    }

    [Fact]
    public void Objects_that_speak_of_one_repository_are_counted_once_and_share_its_limit()
    {
        var twin = Given.Repository("twin", RepositoryProvider.GitHub, maxOpen: 3) is var t
            ? t with { Spec = t.Spec with { Url = "git@github.com:acme/code.git" } }
            : null!;
        See([new Fact.RepositorySeen(null, twin), .. Enumerable.Range(0, 2).Select(i => new Fact.TaskSeen(null, Given.Task($"c{i}", repository: "code")))]);
        foreach (var asked in Cycle().OfType<Decision.CountPullRequests>())
        {
            _state.Apply(new Fact.PullRequestsCounted(RepositoryRules.Key(asked.Repository), asked.Order, new PullRequestCount(1)), _now);
        }

        Assert.Equal(2, Cycle().Count);
        var gate = new PullRequestGate(_state, _now);
        Assert.Equal(new PullRequestGate.Usage(1, 2), gate.All);
        Assert.Equal(new PullRequestGate.Usage(1, 2), gate.In(twin));
        Assert.Equal(Reasons.OpenPRLimit, gate.Judge(RepositoryRules.Key(twin))!.Reason);
    }

    [Fact]
    public void What_ended_in_one_object_is_covered_by_the_count_of_another_that_speaks_of_the_same()
    {
        var twin = Given.Repository("twin", RepositoryProvider.GitHub) is var t ? t with { Spec = t.Spec with { Url = Forge.Spec.Url } } : null!;
        See(new Fact.RepositorySeen(null, twin));
        Assert.Equal(2, Cycle().OfType<Decision.CountPullRequests>().Count());
        _state.PullRequests.End(Code, _now);

        // Its own forge is ill; the other's is asked after the end.
        _now += TimeSpan.FromMinutes(2);
        var first = new CountFailure(Reasons.ForgeRefused, "No.");
        _state.Apply(new Fact.PullRequestCountFailed(Code, 1, first), _now);
        _state.Apply(new Fact.PullRequestCountFailed(RepositoryRules.Key(twin), 2, first), _now);
        _now += TimeSpan.FromMinutes(2);
        Assert.Equal(1, new PullRequestGate(_state, _now).In(twin).Reserved);
        var asked = Cycle().OfType<Decision.CountPullRequests>().Single(count => count.Repository.Metadata.Name == "twin");
        _state.Apply(new Fact.PullRequestsCounted(RepositoryRules.Key(twin), asked.Order, new PullRequestCount(1)), _now);
        Assert.Equal(new PullRequestGate.Usage(1, 0), new PullRequestGate(_state, _now).In(twin));
    }

    [Fact]
    public void A_count_that_was_begun_at_once_after_an_end_does_not_cover_it()
    {
        Answer(Ask());
        _now += TimeSpan.FromMinutes(1);
        _state.PullRequests.End(Code, _now);
        _now += TimeSpan.FromSeconds(1);
        Answer(Ask());
        Assert.Equal(1, _state.PullRequests.EndedIn(Code));

        _now += TimeSpan.FromMinutes(1);
        Answer(Ask());
        Assert.Equal(0, _state.PullRequests.EndedIn(Code));
    }

    [Fact]
    public void What_ended_in_a_repository_that_is_deleted_holds_nothing_back()
    {
        Ask();
        _state.PullRequests.End(Code, _now);
        Assert.Equal(1, new PullRequestGate(_state, _now).All.Reserved);

        See(new Fact.RepositorySeen(Forge, null));
        Assert.Equal(0, new PullRequestGate(_state, _now).All.Reserved);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_repair_is_one_only_while_the_forge_says_that_the_pull_request_is_open(bool isOpen)
    {
        See(
            new Fact.OrchestratorSeen(Given.Orchestrator(10, maxOpenPRs: 1)),
            new Fact.TaskSeen(null, Waiting("a", 7, state: FlowStates.Incoming)));
        var asked = Ask();
        Assert.Empty(Cycle());

        // The task has it on record as open; the forge knows no such number.
        _state.Apply(
            new Fact.PullRequestsCounted(
                Code,
                asked.Order,
                new PullRequestCount(1) { Known = isOpen ? new Dictionary<long, SeenPullRequest> { [7] = new(PullRequestState.Open, null) } : [] }),
            _now);
        Assert.Equal(isOpen ? 1 : 0, Cycle().OfType<Decision.Claim>().Count());
        Assert.Equal(new PullRequestGate.Usage(1, 0), new PullRequestGate(_state, _now).All);
    }

    [Fact]
    public void A_repair_whose_pull_request_is_merged_meanwhile_reserves_another()
    {
        See(new Fact.TaskSeen(null, Waiting("a", 7, state: FlowStates.Incoming)));
        Answer(Ask(), (7, PullRequestState.Open));
        Assert.Single(Cycle());
        Assert.Equal(new PullRequestGate.Usage(1, 0), new PullRequestGate(_state, _now).All);

        _now += TimeSpan.FromMinutes(1);
        Answer(Ask(), (7, PullRequestState.Merged));
        Assert.Equal(new PullRequestGate.Usage(0, 1), new PullRequestGate(_state, _now).All);
    }

    [Fact]
    public void One_whose_pull_request_was_closed_reserves_another()
    {
        var plain = Given.Repository("plain");
        var closed = Waiting("a", 7, PullRequestState.Closed, FlowStates.Incoming) is var a ? a with { Spec = a.Spec with { Repository = "plain" } } : null!;
        See(new Fact.RepositorySeen(null, plain), new Fact.TaskSeen(null, closed));

        Assert.Single(Cycle().OfType<Decision.Claim>());
        Assert.Equal(new PullRequestGate.Usage(0, 1), new PullRequestGate(_state, _now).In(plain));
    }

    [Fact]
    public void What_tasks_of_a_namesake_have_on_record_is_asked_for_as_well()
    {
        var twin = Given.Repository("twin", RepositoryProvider.GitHub) is var t ? t with { Spec = t.Spec with { Url = Forge.Spec.Url } } : null!;
        See(new Fact.RepositorySeen(null, twin), new Fact.TaskSeen(null, Waiting("a", 7)));

        Assert.All(Cycle().OfType<Decision.CountPullRequests>(), asked => Assert.Equal([7], asked.Known.Keys));
    }

    [Fact]
    public void A_new_leader_leaves_the_status_as_it_is_until_it_has_heard_from_the_forge()
    {
        Assert.Null(RepositoryReport.Of(Forge, _state, new PullRequestGate(_state, _now), _now));
        _state.Apply(new Fact.PullRequestCountFailed(Code, Ask().Order, new CountFailure(Reasons.ForgeFailed, "It is ill.")), _now);
        Assert.Equal(7, Report(Forge with { Status = new AgentRepositoryStatus { OpenPullRequests = 7 } }).OpenPullRequests);
    }

    [Fact]
    public void The_clusters_numbers_are_not_told_by_each_repository()
    {
        See(new Fact.OrchestratorSeen(Given.Orchestrator(10, maxOpenPRs: 0)));
        Answer(Ask());

        Assert.Equal(
            "As many pull requests are open, or may be opened by agents at work, as the cluster allows: 0. The AgentOrchestrator named default tells how many.",
            Report(Forge).Message);
    }

    [Fact]
    public void Of_two_counts_of_one_repository_that_which_was_begun_last_holds()
    {
        var twin = Given.Repository("twin", RepositoryProvider.GitHub) is var t ? t with { Spec = t.Spec with { Url = Forge.Spec.Url } } : null!;
        See(new Fact.RepositorySeen(null, twin));
        var asked = Cycle().Cast<Decision.CountPullRequests>().ToList();
        foreach (var (count, open) in asked.OrderByDescending(count => count.Order).Zip([4, 2]))
        {
            _state.Apply(new Fact.PullRequestsCounted(RepositoryRules.Key(count.Repository), count.Order, new PullRequestCount(open)), _now);
        }

        Assert.Equal(4, new PullRequestGate(_state, _now).All.Open);
    }

    [Fact]
    public void A_count_that_changes_nothing_is_written_down_seldom()
    {
        Answer(Ask());
        var first = Report(Forge);
        Assert.Equal((0, Given.Noon), (first.OpenPullRequests, first.ObservedAt));

        var written = Forge with { Status = first };
        See(new Fact.RepositorySeen(Forge, written));
        _now += TimeSpan.FromSeconds(20);
        _state.Apply(new Fact.RepositorySeen(written, written with { Metadata = written.Metadata with { Generation = 2 } }), _now);
        Answer(Ask());
        Assert.Equal(Given.Noon, Report(written).ObservedAt);

        for (var minute = 1; minute <= 2; minute++)
        {
            _now += TimeSpan.FromSeconds(60);
            Answer(Ask());
            Assert.Equal(Given.Noon, Report(written).ObservedAt);
        }

        _now += TimeSpan.FromSeconds(60);
        Answer(Ask());
        Assert.Equal(_now, Report(written).ObservedAt);
    }

    [Fact]
    public void Where_no_forge_counts_the_tasks_do_and_the_status_says_so()
    {
        var plain = Given.Repository("plain");
        See(
            new Fact.RepositorySeen(null, plain),
            new Fact.TaskSeen(null, Waiting("a", 7) is var a ? a with { Spec = a.Spec with { Repository = "plain" } } : null));

        var status = Report(plain);
        Assert.Equal((1, 0, GateState.Open), (status.OpenPullRequests, status.ReservedPullRequests, status.Gate));
        Assert.Null(status.ObservedAt);
        Assert.Equal(Reasons.NoForge, Condition(status, ConditionTypes.CountFresh).Reason);
        Assert.Contains("a person's decision is the only news", Condition(status, ConditionTypes.CountFresh).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_no_forge_can_be_asked_of_is_invalid_and_starts_nothing()
    {
        var lab = Given.Repository("lab", RepositoryProvider.GitLab) is var given ? given with { Spec = given.Spec with { Url = "https://gitlab.com/widgets" } } : null;
        See(new Fact.RepositorySeen(null, lab), new Fact.TaskSeen(null, Given.Task("x", repository: "lab")));

        Assert.Equal("code", Assert.IsType<Decision.CountPullRequests>(Assert.Single(Cycle())).Repository.Metadata.Name);
        var status = Report(lab);
        Assert.Equal((GateState.Closed, Reasons.OpenPRCountUnknown), (status.Gate, status.Reason));
        Assert.Equal((ConditionStatus.False, Reasons.InvalidSpec), (Condition(status, ConditionTypes.Ready).Status, Condition(status, ConditionTypes.Ready).Reason));
    }

    private static (ConditionStatus Status, string? Reason, string? Message) Condition(AgentRepositoryStatus status, string type) =>
        status.Conditions!.Single(condition => condition.Type == type) is var found ? (found.Status!.Value, found.Reason, found.Message) : default;

    private static TaskPullRequest Recorded(long number, PullRequestState state = PullRequestState.Open) => new() { Number = number, State = state };

    private static ObservedTask Waiting(string name, long number, PullRequestState recorded = PullRequestState.Open, string state = "provisional") => Given.Task(
        name, status: new ObservedTask.TaskStatus { State = state, Attempt = 1, PullRequest = Recorded(number, recorded) }, repository: "code");

    private AgentRepositoryStatus Report(AgentRepository repository) => RepositoryReport.Of(repository, _state, new PullRequestGate(_state, _now), _now)!;

    private Decision.CountPullRequests Ask() => Cycle().OfType<Decision.CountPullRequests>().Single();

    private void Answer(Decision.CountPullRequests asked, params (long Number, PullRequestState State)[] known) => _state.Apply(
        new Fact.PullRequestsCounted(
            Code,
            asked.Order,
            new PullRequestCount(known.Count(pull => pull.State == PullRequestState.Open))
            {
                Known = known.ToDictionary(pull => pull.Number, pull => new SeenPullRequest(pull.State, null)),
            }),
        _now);

    private IReadOnlyList<Decision> Cycle() => AdmissionCycle.Run(_state, _now);

    private void See(params Fact[] facts)
    {
        foreach (var fact in facts)
        {
            _state.Apply(fact, _now);
        }
    }
}
