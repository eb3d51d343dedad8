using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;
using Octopoid.Core.Tests.Admission;

namespace Octopoid.Core.Tests.State;

/// <summary>Blueprints whose agents cannot be started.</summary>
public sealed class BreakersTests
{
    private static readonly NamespacedName Implementer = new(Given.Namespace, "implementer");

    private readonly Cycles _cycles = new();
    private readonly Queue<string> _claimed = new();

    [Fact]
    public void Two_in_a_row_that_cannot_start_stop_the_blueprint_and_tell_so_once()
    {
        Begin(maxInstances: 1, tasks: 5);
        FailStart();
        Assert.Empty(_cycles.State.TakeTurns());
        FailStart();

        Assert.Empty(_claimed);
        var turn = Assert.Single(_cycles.State.TakeTurns());
        Assert.Equal((Implementer, true, "2 attempts in a row could not start, the last one so: no such image"), (turn.Blueprint, turn.IsDegraded, turn.Message));
        Assert.Empty(_cycles.State.TakeTurns());
    }

    [Fact]
    public void As_many_in_a_row_as_the_orchestrator_says()
    {
        var orchestrator = Given.Orchestrator(10);
        Begin(maxInstances: 1, tasks: 9);
        _cycles.Tell(new Fact.OrchestratorSeen(orchestrator with { Spec = orchestrator.Spec with { StartFailureThreshold = 4 } }));
        FailStart();
        FailStart();
        FailStart();
        Assert.Single(_claimed);
        FailStart();
        Assert.Empty(_claimed);
    }

    [Fact]
    public void A_start_in_between_counts_from_the_beginning()
    {
        Begin(maxInstances: 2, tasks: 9);
        FailStart();
        Start();
        FailStart();
        Assert.Single(_claimed);
        FailStart();
        Assert.Empty(_claimed);
    }

    [Fact]
    public void Other_failures_count_for_nothing()
    {
        Begin(maxInstances: 1, tasks: 9);
        for (var i = 0; i < 5; i++)
        {
            FailStart(AttemptEnd.Infrastructure(Reasons.Disrupted, "evicted"));
        }

        Assert.Single(_claimed);
    }

    [Fact]
    public void A_result_that_is_refused_and_written_again_counts_once()
    {
        Begin(maxInstances: 1, tasks: 5);
        var uid = Land();
        _cycles.Tell(new Fact.JobRefused(uid, 1, AttemptEnd.StartFailure(Reasons.JobRefused, "no such image")));
        _cycles.One<Decision.Finish>();
        _cycles.Tell(new Fact.FinishRefused(uid, 1, TimeSpan.FromSeconds(5)));
        _cycles.Pass(5);
        _cycles.One<Decision.Finish>();

        Assert.Null(_cycles.State.Breakers.FindOpen(Implementer));
    }

    [Fact]
    public void Probes_come_one_at_a_time_at_intervals_that_double_up_to_a_quarter_of_an_hour()
    {
        Begin(maxInstances: 5, tasks: 5);
        Degrade();
        AddTasks(10);
        var times = new List<double>();
        var begin = _cycles.Now;
        while (times.Count < 8)
        {
            _cycles.Pass(1);
            Run();
            if (_claimed.Count > 0)
            {
                times.Add((_cycles.Now - begin).TotalSeconds);
                FailStart();
            }
        }

        Assert.Equal([30, 60, 120, 240, 480, 960, 1860, 2760], times);
    }

    [Fact]
    public void While_a_probe_is_under_way_there_is_no_other()
    {
        Begin(maxInstances: 5, tasks: 5);
        Degrade();
        AddTasks(5);
        _cycles.Pass(30);
        Run();
        Assert.Single(_claimed);
        _cycles.Pass(3600);
        Run();

        Assert.Single(_claimed);
    }

    [Fact]
    public void A_probe_whose_agent_has_started_makes_the_blueprint_well()
    {
        Begin(maxInstances: 5, tasks: 5);
        Degrade();
        AddTasks(5);
        _cycles.State.TakeTurns();
        _cycles.Pass(30);
        Run();
        Start();

        Assert.False(Assert.Single(_cycles.State.TakeTurns()).IsDegraded);
        Assert.Equal(4, _claimed.Count);
        Assert.Equal(BlueprintState.AtCapacity, Report().State);
    }

    [Fact]
    public void An_agent_that_has_run_all_along_tells_nothing_of_what_can_be_started()
    {
        Begin(maxInstances: 3, tasks: 3);
        var runs = Start();
        FailStart();
        FailStart();
        Assert.Equal(BlueprintState.Degraded, Report().State);

        var pod = Given.Pod(runs);
        _cycles.Tell(
            new Fact.PodSeen(pod, pod with { Metadata = pod.Metadata with { ResourceVersion = "2" } }),
            new Fact.PodSeen(pod, Given.Succeeded(runs)),
            new Fact.Inspected(runs, 1, IsOver: false, Pods: [pod]));
        Assert.Equal(BlueprintState.Degraded, Report().State);
        Assert.True(Assert.Single(_cycles.State.TakeTurns()).IsDegraded);
    }

    [Fact]
    public void A_probe_whose_claim_is_refused_was_none()
    {
        Begin(maxInstances: 5, tasks: 5);
        Degrade();
        AddTasks(5);
        _cycles.Pass(600);
        Run();
        var refused = _claimed.Dequeue();
        _cycles.Tell(new Fact.ClaimRefused(refused, 1, "1", TimeSpan.FromSeconds(30)));
        Run();

        Assert.NotEqual(refused, Assert.Single(_claimed));
    }

    [Fact]
    public void Another_blueprint_of_the_role_goes_on()
    {
        Begin(maxInstances: 1, tasks: 9);
        FailStart();
        FailStart();
        _cycles.Tell(new Fact.BlueprintSeen(null, Given.Blueprint("other", 2, "implementer")));
        Run();

        Assert.Equal(2, _claimed.Count);
        Assert.All(_cycles.State.Ledger.Slots, slot => Assert.Equal("other", slot.Blueprint.Name));
    }

    [Fact]
    public void An_edit_of_the_blueprint_lets_a_probe_go_at_once()
    {
        Begin(maxInstances: 1, tasks: 9);
        FailStart();
        FailStart();
        var blueprint = Given.Blueprint();
        _cycles.Tell(new Fact.BlueprintSeen(blueprint, blueprint with { Status = new AgentBlueprintStatus { Instances = 0 } }));
        Run();
        Assert.Empty(_claimed);

        _cycles.Tell(new Fact.BlueprintSeen(blueprint, blueprint with { Metadata = blueprint.Metadata with { Generation = 2 } }));
        Assert.True(_cycles.State.RingAlarms(_cycles.Now));
        Run();
        Assert.Single(_claimed);
        Assert.Equal(BlueprintState.Degraded, Report().State);
    }

    [Fact]
    public void A_blueprint_that_is_made_again_begins_anew()
    {
        Begin(maxInstances: 1, tasks: 9);
        FailStart();
        FailStart();
        _cycles.Tell(new Fact.BlueprintSeen(Given.Blueprint(), null), new Fact.BlueprintSeen(null, Given.Blueprint()));
        Run();

        Assert.Single(_claimed);
    }

    [Fact]
    public void A_new_leader_goes_on_where_the_status_says()
    {
        BeginDegraded(since: _cycles.Now.AddMinutes(-10), nextProbe: _cycles.Now.AddSeconds(60));
        AddTasks(3);
        Assert.Empty(_claimed);
        _cycles.Pass(59);
        Run();
        Assert.Empty(_claimed);
        _cycles.Pass(1);
        Run();
        Assert.Single(_claimed);
        FailStart();

        // After eleven minutes, the next is as long to come.
        Assert.Equal(Given.Noon.AddSeconds(60).AddMinutes(11), _cycles.State.Breakers.FindOpen(Implementer)!.NextProbe);
    }

    [Theory]
    [InlineData(-60, 0)]
    [InlineData(60, 1)]
    public void A_claim_that_a_new_leader_finds_is_the_probe_if_it_was_made_since(int since, int claims)
    {
        BeginDegraded(since: Given.Noon.AddSeconds(since), nextProbe: Given.Noon);
        _cycles.Pass(120);
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("probe"))), new Fact.JobSeen(null, Given.Job("uid-probe")));
        AddTasks(3);
        Run();

        Assert.Equal(claims, _claimed.Count);
    }

    [Fact]
    public void An_old_status_is_believed_once()
    {
        var degraded = BeginDegraded(since: _cycles.Now.AddMinutes(-10), nextProbe: _cycles.Now);
        AddTasks(3);
        Start();
        _cycles.Tell(new Fact.BlueprintSeen(degraded, degraded));

        Assert.Null(_cycles.State.Breakers.FindOpen(Implementer));
    }

    [Theory]
    [InlineData(-60, true)]
    [InlineData(60, false)]
    public void An_agent_that_a_new_leader_finds_running_counts_if_it_was_claimed_since(int since, bool isWell)
    {
        BeginDegraded(since: Given.Noon.AddSeconds(since), nextProbe: Given.Noon.AddMinutes(30));
        _cycles.Pass(120);
        _cycles.Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")), new Fact.PodSeen(null, Given.Pod("uid-a")));

        Assert.Equal(isWell, _cycles.State.Breakers.FindOpen(Implementer) is null);
    }

    [Fact]
    public void A_clock_that_is_set_back_prolongs_no_interval()
    {
        Begin(maxInstances: 1, tasks: 9);
        FailStart();
        FailStart();
        _cycles.Pass(10);
        _cycles.SetBack(3600);
        _cycles.Pass(19.9);
        Run();
        Assert.Empty(_claimed);
        _cycles.Pass(0.1);
        Run();
        Assert.Single(_claimed);
    }

    [Fact]
    public void The_reports_say_what_is_wrong_since_when_and_when_it_is_tried_again()
    {
        Begin(maxInstances: 1, tasks: 9);
        FailStart();
        FailStart();
        var report = Report();

        Assert.Equal((BlueprintState.Degraded, Reasons.StartFailures), (report.State, report.Reason));
        Assert.Equal(
            "2 attempts in a row could not start, the last one so: no such image; the next one is tried at 2026-03-01T12:00:30Z.", report.Message);
        Assert.Equal(Given.Noon.AddSeconds(30), report.NextProbeTime);
        var degraded = report.Conditions!.Single(condition => condition.Type == ConditionTypes.Degraded);
        Assert.Equal((ConditionStatus.True, Reasons.StartFailures, Given.Noon), (degraded.Status, degraded.Reason, degraded.LastTransitionTime));
        Assert.Equal((ConditionStatus.True, "1 of 1 blueprints cannot start agents: work/implementer."), Orchestrator());

        _cycles.Pass(30);
        Run();

        // The probe takes the only slot there is; what is wrong is told all the same.
        Assert.Equal((BlueprintState.Degraded, Reasons.StartFailures), (Report().State, Report().Reason));
        Assert.EndsWith("no such image; one is being tried.", Report().Message, StringComparison.Ordinal);
        Start();
        Assert.Null(Report().NextProbeTime);
        Assert.Equal((ConditionStatus.False, "No blueprint is known to be unable to start agents."), Orchestrator());

        (ConditionStatus?, string?) Orchestrator()
        {
            var condition = OrchestratorReport.Of(_cycles.State.Orchestrator!, _cycles.State, new PullRequestGate(_cycles.State, _cycles.Now), "me", "1", _cycles.Now)
                .Conditions!.Single(condition => condition.Type == ConditionTypes.Degraded);
            return (condition.Status, condition.Message);
        }
    }

    [Fact]
    public void A_degraded_blueprint_that_a_person_has_scaled_to_nothing_says_so()
    {
        Begin(maxInstances: 1, tasks: 5);
        FailStart();
        FailStart();
        _cycles.Tell(new Fact.BlueprintSeen(Given.Blueprint(), Given.Blueprint(maxInstances: 0)));

        Assert.Equal((BlueprintState.AtCapacity, Reasons.InstanceLimit), (Report().State, Report().Reason));
    }

    [Fact]
    public void A_probe_under_way_is_told()
    {
        Begin(maxInstances: 5, tasks: 5);
        Degrade();
        AddTasks(1);
        _cycles.Pass(30);
        Run();

        Assert.EndsWith("no such image; one is being tried.", Report().Message, StringComparison.Ordinal);
    }

    private AgentBlueprintStatus Report() => BlueprintReport.Of(_cycles.State.FindBlueprint(Implementer)!, _cycles.State, new PullRequestGate(_cycles.State, _cycles.Now), _cycles.Now);

    private void Begin(int maxInstances, int tasks)
    {
        _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator(10)), new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: maxInstances)));
        AddTasks(tasks);
    }

    private AgentBlueprint BeginDegraded(DateTimeOffset since, DateTimeOffset nextProbe)
    {
        var degraded = Given.Blueprint(maxInstances: 5) with
        {
            Status = new AgentBlueprintStatus
            {
                NextProbeTime = nextProbe,
                Conditions = [new Condition { Type = ConditionTypes.Degraded, Status = ConditionStatus.True, LastTransitionTime = since, Message = "as before" }],
            },
        };
        _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator(10)), new Fact.BlueprintSeen(null, degraded));
        return degraded;
    }

    /// <summary>Every slot in use fails to start.</summary>
    private void Degrade()
    {
        while (_claimed.Count > 0)
        {
            FailStart();
        }

        Assert.Equal(BlueprintState.Degraded, Report().State);
    }

    private void AddTasks(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _cycles.Tell(new Fact.TaskSeen(null, Given.Task($"t{_cycles.State.Ledger.Count}-{i}-{(_cycles.Now - Given.Noon).Ticks}")));
        }

        Run();
    }

    private void Run()
    {
        foreach (var claim in _cycles.Run().OfType<Decision.Claim>())
        {
            _claimed.Enqueue(claim.Slot.TaskUid);
        }
    }

    /// <summary>The first claim lands and asks for its Job.</summary>
    private string Land()
    {
        var uid = _claimed.Dequeue();
        Assert.True(_cycles.State.TryFindTask(uid, out var task));
        var claimed = Given.Claimed(task);
        claimed = claimed with { Status = claimed.Status! with { Claim = claimed.Status.Claim! with { ClaimedAt = _cycles.Now } } };
        _cycles.Tell(new Fact.TaskSeen(task, claimed), new Fact.ClaimLanded(uid, 1, Given.Whole(claimed)));
        Run();
        return uid;
    }

    private string Start()
    {
        var uid = Land();
        _cycles.Tell(new Fact.JobSeen(null, Given.Job(uid)), new Fact.JobLanded(uid, 1, null), new Fact.PodSeen(null, Given.Pod(uid)));
        Run();
        return uid;
    }

    private void FailStart(AttemptEnd? end = null)
    {
        var uid = Land();
        _cycles.Tell(new Fact.JobRefused(uid, 1, end ?? AttemptEnd.StartFailure(Reasons.JobRefused, "no such image")));
        Run();
        Assert.True(_cycles.State.TryFindTask(uid, out var task));
        _cycles.Tell(
            new Fact.TaskSeen(task, task with { Status = new ObservedTask.TaskStatus { State = FlowStates.Failed, Attempt = 1 } }),
            new Fact.FinishLanded(uid, 1));
        Run();
    }
}
