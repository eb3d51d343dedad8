using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.State;

public sealed class RetentionTests
{
    private readonly ClusterState _state = new();
    private DateTimeOffset _now = Given.Noon;

    [Fact]
    public void An_ended_Job_goes_when_it_was_kept_long_enough_and_is_asked_for_again_until_it_is_gone()
    {
        Keep(new RetentionPolicy(JobSeconds: 100));
        var job = EndedJob("a");
        Tell(new Fact.JobSeen(null, job));
        Assert.Empty(Cycle());
        Pass(99);
        Assert.Empty(Cycle());
        Pass(1);
        Assert.Equal(job.Metadata.Uid, Assert.IsType<Decision.RemoveJob>(Assert.Single(Cycle())).Uid);
        Assert.Empty(Cycle());
        Pass(60);
        Assert.IsType<Decision.RemoveJob>(Assert.Single(Cycle()));
        Tell(new Fact.JobSeen(job, null));
        Pass(3600);
        Assert.Empty(Cycle());
        Assert.Null(_state.NextAlarm);
    }

    [Fact]
    public void A_Job_whose_result_is_not_recorded_stays()
    {
        Keep(new RetentionPolicy(JobSeconds: 0));
        Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, EndedJob("a")),
            new Fact.PodSeen(null, Given.Succeeded("uid-a")));
        Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));
        Pass(1000);
        Assert.Empty(Cycle());
    }

    [Fact]
    public void Jobs_of_others_stay()
    {
        Keep(new RetentionPolicy(JobSeconds: 0));
        var job = EndedJob("a");
        Tell(new Fact.JobSeen(null, job with { Metadata = job.Metadata with { ControllerUid = null } }));
        Pass(1000);
        Assert.Empty(Cycle());
    }

    [Fact]
    public void A_shorter_retention_holds_at_once()
    {
        Keep(new RetentionPolicy(JobSeconds: 1000));
        Tell(new Fact.JobSeen(null, EndedJob("a")));
        Pass(10);
        Assert.Empty(Cycle());
        Keep(new RetentionPolicy(JobSeconds: 5));
        Assert.IsType<Decision.RemoveJob>(Assert.Single(Cycle()));
    }

    [Fact]
    public void A_thousand_old_Jobs_go_a_few_a_second()
    {
        Keep(new RetentionPolicy(JobSeconds: 0));
        Tell([.. Enumerable.Range(0, 1000).Select(i => new Fact.JobSeen(null, EndedJob($"t{i}")))]);
        Assert.Equal(20, Cycle().Count);
        Assert.Empty(Cycle());
        Assert.Equal(_now.AddSeconds(1), _state.NextAlarm);
        Pass(1);
        Assert.Equal(20, Cycle().Count);
    }

    [Theory]
    [InlineData(FlowStates.Done)]
    [InlineData(FlowStates.Failed)]
    [InlineData(FlowStates.Cancelled)]
    public void Tasks_stay_for_ever_unless_somebody_says_otherwise(string state)
    {
        Keep(new RetentionPolicy());
        Tell(new Fact.TaskSeen(null, Ended("a", state)));
        Pass(315_360_000);
        Assert.Empty(Cycle());

        Keep(state == FlowStates.Done ? new RetentionPolicy { FailedSeconds = 1 } : new RetentionPolicy { DoneSeconds = 1 });
        Assert.Empty(Cycle());
        Keep(new RetentionPolicy { DoneSeconds = 1, FailedSeconds = 1 });
        Assert.Equal("1", Assert.IsType<Decision.RemoveTask>(Assert.Single(Cycle())).ResourceVersion);
    }

    [Fact]
    public void A_task_s_time_is_that_of_its_last_end()
    {
        Keep(new RetentionPolicy { FailedSeconds = 100 });
        var failed = Ended("a", FlowStates.Failed);
        Tell(new Fact.TaskSeen(null, failed));
        Pass(50);
        var again = Given.Task("a", status: new ObservedTask.TaskStatus { State = "provisional", Attempt = 1, PullRequest = new TaskPullRequest { State = PullRequestState.Open } });
        Tell(new Fact.TaskSeen(failed, again));
        Tell(new Fact.TaskSeen(again, Ended("a", FlowStates.Failed)));
        Pass(60);
        Assert.Empty(Cycle());
        Pass(40);
        Assert.IsType<Decision.RemoveTask>(Assert.Single(Cycle()));
    }

    [Fact]
    public void A_done_task_that_an_unfinished_one_is_blocked_by_stays_until_that_has_ended()
    {
        Keep(new RetentionPolicy { DoneSeconds = 10 });
        var waiting = Given.Task("b", blockedBy: ["a"], isSuspended: true);
        Tell(new Fact.TaskSeen(null, Ended("a", FlowStates.Done)), new Fact.TaskSeen(null, waiting));
        Pass(100);
        Assert.DoesNotContain(Cycle(), decision => decision is Decision.Remove);
        Tell(new Fact.TaskSeen(waiting, Ended("b", FlowStates.Cancelled)));
        Pass(60);
        Assert.Equal("a", Assert.Single(Cycle().OfType<Decision.RemoveTask>()).Name.Name);
    }

    private ObservedTask Ended(string name, string state) => Given.Task(name, status: new ObservedTask.TaskStatus
    {
        State = state,
        Attempt = 1,
        Conditions =
        [
            new Condition
            {
                Type = state == FlowStates.Failed ? ConditionTypes.Failed : ConditionTypes.Complete,
                Status = state == FlowStates.Cancelled ? ConditionStatus.False : ConditionStatus.True,
                LastTransitionTime = _now,
            },
        ],
    });

    private ObservedJob EndedJob(string task) => Given.Job("uid-" + task) with { TerminalCondition = new ObservedJob.JobCondition("Complete", null, _now) };

    private void Keep(RetentionPolicy policy) =>
        Tell(new Fact.OrchestratorSeen(new AgentOrchestrator { Metadata = new ObjectMeta { Name = "default" }, Spec = new AgentOrchestratorSpec { Retention = policy } }));

    private void Tell(params Fact[] facts)
    {
        foreach (var fact in facts)
        {
            _state.Apply(fact, _now);
        }
    }

    private void Pass(int seconds)
    {
        _now += TimeSpan.FromSeconds(seconds);
        _state.RingAlarms(_now);
    }

    private IReadOnlyList<Decision> Cycle() => AdmissionCycle.Run(_state, _now);
}
