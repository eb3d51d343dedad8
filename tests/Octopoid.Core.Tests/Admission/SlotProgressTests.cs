using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>Attempts that do not start, do not end, or end more than once.</summary>
public sealed class SlotProgressTests
{
    private const string Uid = "uid-a";

    private readonly Cycles _cycles = new();
    private readonly ObservedTask _task = Given.Claimed(Given.Task("a"));
    private readonly ObservedJob _job = Given.Job(Uid);

    public SlotProgressTests()
    {
        _cycles.Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator()),
            new Fact.BlueprintSeen(null, Given.Blueprint()),
            new Fact.TaskSeen(null, _task),
            new Fact.JobSeen(null, _job));
    }

    [Theory]
    [InlineData("ErrImagePull", Reasons.ImagePullFailed, "The agent had not started after 900 s. The image cannot be pulled: why")]
    [InlineData("ImagePullBackOff", Reasons.ImagePullFailed, "The agent had not started after 900 s. The image cannot be pulled: why")]
    [InlineData("ErrImageNeverPull", Reasons.ImagePullFailed, "The agent had not started after 900 s. The image cannot be pulled: why")]
    [InlineData("CreateContainerConfigError", Reasons.PendingTimeout, "The agent had not started after 900 s. The pod cannot start: CreateContainerConfigError: why")]
    [InlineData("ContainerCreating", Reasons.PendingTimeout, "The agent had not started after 900 s. Its pod has not started.")]
    public void A_pod_that_does_not_start_ends_its_attempt_at_the_limit_with_the_cause(string waiting, string reason, string message)
    {
        _cycles.Tell(new Fact.PodSeen(null, Pending(Container("agent", waiting: waiting))));
        var announced = _cycles.Run().Cast<Decision.Announce>().SingleOrDefault();
        Assert.Equal(waiting == "ContainerCreating" ? null : reason, announced?.Reason);
        Assert.Empty(_cycles.After(899.9));
        _cycles.Pass(0.1);

        var end = _cycles.One<Decision.Finish>().End;
        Assert.Equal((reason, message, FailureClass.Infrastructure, true), (end.Reason, end.Message, end.Class!.Value, end.IsStartFailure));
        Recorded();
        Assert.Equal(_job.Metadata.Uid, _cycles.One<Decision.DeleteJob>().JobUid);
    }

    [Fact]
    public void An_image_of_an_init_container_counts_as_well()
    {
        _cycles.Tell(new Fact.PodSeen(null, Pending(Container("agent", waiting: "PodInitializing"), Container("workspace", waiting: "ErrImagePull"))));
        Assert.Equal(Reasons.ImagePullFailed, _cycles.One<Decision.Announce>().Reason);
    }

    [Fact]
    public void A_pod_that_no_node_takes_says_why()
    {
        _cycles.Tell(new Fact.PodSeen(null, With(Pending(), new ObservedPod.PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable", Message = "no cpu" })));
        Assert.Equal((Reasons.Unschedulable, "No node takes the pod: no cpu"), Announced());
        _cycles.Pass(900);

        Assert.Equal(Reasons.Unschedulable, _cycles.One<Decision.Finish>().End.Reason);
    }

    [Fact]
    public void A_Job_that_quota_gives_no_pod_ends_at_the_limit()
    {
        while ((_cycles.Now - Given.Noon).TotalSeconds < 899)
        {
            _cycles.Pass(1);
            foreach (var decision in _cycles.Run())
            {
                Assert.True(decision is Decision.Inspect or Decision.Announce { Reason: Reasons.QuotaExceeded });
                if (decision is Decision.Inspect)
                {
                    _cycles.Tell(new Fact.Inspected(Uid, 1, IsOver: false, "exceeded quota: agents"));
                }
            }
        }

        AssertFinishedSoon(Reasons.QuotaExceeded, "The agent had not started after 900 s. exceeded quota: agents");
    }

    [Fact]
    public void The_limit_is_the_blueprint_s()
    {
        var blueprint = Given.Blueprint();
        _cycles.Tell(
            new Fact.BlueprintSeen(blueprint, blueprint with { Spec = blueprint.Spec with { PendingTimeoutSeconds = 60 } }), new Fact.PodSeen(null, Pending()));
        Assert.Empty(_cycles.After(59.9));
        _cycles.Pass(0.1);

        Assert.Equal("The agent had not started after 60 s. Its pod has not started.", _cycles.One<Decision.Finish>().End.Message);
    }

    [Fact]
    public void A_limit_that_is_lowered_counts_at_once_for_those_that_wait()
    {
        var blueprint = Given.Blueprint();
        _cycles.Tell(new Fact.PodSeen(null, Pending()));
        Assert.Empty(_cycles.After(120));
        _cycles.Tell(new Fact.BlueprintSeen(blueprint, blueprint with { Spec = blueprint.Spec with { PendingTimeoutSeconds = 60 } }));

        Assert.Equal(Reasons.PendingTimeout, _cycles.One<Decision.Finish>().End.Reason);
    }

    [Fact]
    public void A_name_that_can_be_no_image_s_is_not_waited_for()
    {
        _cycles.Tell(new Fact.PodSeen(null, Pending(Container("agent", waiting: "InvalidImageName"))));

        var decisions = _cycles.Run();
        Assert.IsType<Decision.Announce>(decisions[0]);
        Assert.Equal((Reasons.ImagePullFailed, true), (((Decision.Finish)decisions[1]).End.Reason, ((Decision.Finish)decisions[1]).End.IsStartFailure));
    }

    [Fact]
    public void Making_the_workspace_takes_its_time_and_the_limit_counts_anew_after_it()
    {
        var making = Pending(Container("agent", waiting: "PodInitializing"), Running("workspace"));
        _cycles.Tell(new Fact.PodSeen(null, making));
        Assert.Empty(_cycles.After(7200));

        var made = _cycles.Now;
        _cycles.Tell(new Fact.PodSeen(making, Pending(Container("agent", waiting: "ImagePullBackOff"), Ended("workspace", made))));
        Assert.Equal(Reasons.ImagePullFailed, _cycles.One<Decision.Announce>().Reason);
        Assert.Empty(_cycles.After(899.9));
        _cycles.Pass(0.1);
        _cycles.One<Decision.Finish>();
    }

    [Fact]
    public void A_sidecar_that_is_an_init_container_does_not_take_the_limit_away()
    {
        var pod = Pending(Container("agent", waiting: "ContainerCreating"), Ended("workspace", Given.Noon), Running("proxy"));
        _cycles.Tell(new Fact.PodSeen(null, With(pod, new ObservedPod.PodCondition { Type = "Initialized", Status = "True" })));

        Assert.Empty(_cycles.After(899.9));
        _cycles.Pass(0.1);
        _cycles.One<Decision.Finish>();
    }

    [Fact]
    public void A_claim_or_a_workspace_of_an_impossible_time_harms_nobody()
    {
        var far = _task with { Status = _task.Status! with { Claim = _task.Status.Claim! with { ClaimedAt = DateTimeOffset.MaxValue } } };
        var other = new Cycles();
        other.Tell(new Fact.TaskSeen(null, far), new Fact.JobSeen(null, _job), new Fact.PodSeen(null, Pending(Container("agent", waiting: "ContainerCreating"))));
        Assert.Empty(other.Run());

        _cycles.Tell(new Fact.PodSeen(null, Pending(Container("agent", waiting: "ContainerCreating"), Ended("workspace", DateTimeOffset.MaxValue))));
        Assert.Empty(_cycles.Run());
    }

    [Fact]
    public void A_pod_that_is_watched_no_more_is_looked_for_before_its_attempt_is_judged()
    {
        var pod = Pending(Container("agent", waiting: "ContainerCreating"));
        _cycles.Tell(new Fact.PodSeen(null, pod));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.PodSeen(pod, null));
        Assert.Empty(_cycles.After(899.9));
        _cycles.Pass(0.1);
        _cycles.One<Decision.Inspect>();

        _cycles.Tell(new Fact.Inspected(Uid, 1, IsOver: false, Pods: [pod with { Status = new ObservedPod.PodStatus { Phase = "Running" } }]));
        for (var i = 0; i < 100; i++)
        {
            Assert.Empty(_cycles.After(60));
        }
    }

    [Fact]
    public void A_pod_that_is_gone_for_good_is_judged_after_one_look()
    {
        var pod = Pending(Container("agent", waiting: "ContainerCreating"));
        _cycles.Tell(new Fact.PodSeen(null, pod), new Fact.PodSeen(pod, null));
        _cycles.Pass(900);
        _cycles.One<Decision.Inspect>();
        _cycles.Tell(new Fact.Inspected(Uid, 1, IsOver: false));
        Assert.Empty(_cycles.After(9.9));
        _cycles.Pass(0.1);

        Assert.Equal(Reasons.PendingTimeout, _cycles.One<Decision.Finish>().End.Reason);
    }

    [Theory]
    [InlineData("told", 0.0, 60.0)]
    [InlineData("told late", -20.0, 40.0)]
    [InlineData("by a clock that is ahead", 3600.0, 60.0)]
    [InlineData("not told", null, 60.0)]
    public void What_runs_on_sixty_seconds_after_the_agent_is_ended_once_its_result_is_recorded(string name, double? finished, double seconds)
    {
        Assert.NotEmpty(name);
        var pod = Sidecar(finished is { } offset ? _cycles.Now.AddSeconds(offset) : null);
        _cycles.Tell(new Fact.PodSeen(null, pod));
        for (var passed = 0.0; passed < seconds; passed += 10)
        {
            Assert.Empty(_cycles.Run());
            _cycles.Pass(10);
        }

        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);
        Recorded();
        _cycles.One<Decision.DeleteJob>();
        Assert.Empty(_cycles.Run());
        Assert.Equal(1, _cycles.State.Ledger.Count);

        _cycles.Tell(new Fact.JobSeen(_job, null), new Fact.PodSeen(pod, pod with { Status = pod.Status! with { Phase = "Failed" } }));
        _cycles.Run();
        Assert.Equal(0, _cycles.State.Ledger.Count);
    }

    [Fact]
    public void A_sidecar_that_ends_in_time_is_left_alone()
    {
        var pod = Sidecar(_cycles.Now);
        _cycles.Tell(new Fact.PodSeen(null, pod));
        Assert.Empty(_cycles.After(30));
        _cycles.Tell(new Fact.PodSeen(pod, pod with { Status = pod.Status! with { Phase = "Succeeded" } }), new Fact.JobSeen(_job, Given.Job(Uid, ended: "Complete")));

        _cycles.One<Decision.Finish>();
        Recorded();
        Assert.Empty(_cycles.Run());
        Assert.Equal(0, _cycles.State.Ledger.Count);
    }

    [Fact]
    public void A_second_pod_waits_for_the_first_one_s_last_word_and_ends_with_the_attempt()
    {
        var (first, second) = (Leaving(Given.Pod(Uid)), Second("Pending"));
        _cycles.Tell(new Fact.PodSeen(null, first), new Fact.PodSeen(null, second));
        Assert.Empty(_cycles.After(30));
        _cycles.Tell(new Fact.PodSeen(first, first with { Status = new ObservedPod.PodStatus { Phase = "Failed" } }));

        var end = _cycles.One<Decision.Finish>().End;
        Assert.Equal((Reasons.Disrupted, FailureClass.Infrastructure, false), (end.Reason, end.Class!.Value, end.IsStartFailure));
        Recorded();
        _cycles.One<Decision.DeleteJob>();
        Assert.Equal(1, _cycles.State.Ledger.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Of_two_pods_the_result_of_either_counts(bool isFirst)
    {
        var (first, second) = (Leaving(Given.Pod(Uid)), Second("Running"));
        _cycles.Tell(new Fact.PodSeen(null, first), new Fact.PodSeen(null, second));
        Assert.Empty(_cycles.Run());
        var done = Given.Succeeded(Uid).Status;
        _cycles.Tell(
            new Fact.PodSeen(second, isFirst ? second : second with { Status = done }),
            new Fact.PodSeen(first, first with { Status = isFirst ? done : new ObservedPod.PodStatus { Phase = "Failed" } }));

        Assert.Equal(AttemptOutcome.Done, _cycles.Run().OfType<Decision.Finish>().Single().End.Outcome);
    }

    [Fact]
    public void A_custom_agent_is_ended_at_its_deadline_and_a_runner_ends_its_own()
    {
        var running = Given.Pod(Uid) with
        {
            Status = new ObservedPod.PodStatus
            {
                Phase = "Running",
                ContainerStatuses =
                [
                    new ObservedPod.ContainerStatus
                    {
                        Name = "agent",
                        State = new ObservedPod.ContainerState { Running = new ObservedPod.RunningState { StartedAt = _cycles.Now } },
                    },
                ],
            },
        };
        _cycles.Tell(new Fact.PodSeen(null, running));
        Assert.Empty(_cycles.After(14_400));

        var custom = Given.Blueprint();
        custom = custom with { Spec = custom.Spec with { Type = BlueprintType.Custom, Scripts = null, TimeoutSeconds = 20_000 } };
        _cycles.Tell(new Fact.BlueprintSeen(Given.Blueprint(), custom), new Fact.PodSeen(running, running));
        Assert.Empty(_cycles.After(5_599));
        _cycles.Pass(1);
        var end = _cycles.One<Decision.Finish>().End;
        Assert.Equal((Reasons.Deadline, FailureClass.Task, "The agent ran for longer than 20000 s."), (end.Reason, end.Class!.Value, end.Message));
        Recorded();
        Assert.Equal(_job.Metadata.Uid, _cycles.One<Decision.DeleteJob>().JobUid);
    }

    [Fact]
    public void A_second_pod_does_not_wait_for_a_node_that_is_lost()
    {
        _cycles.Tell(new Fact.PodSeen(null, Leaving(Given.Pod(Uid))), new Fact.PodSeen(null, Second("Pending")));
        _cycles.Run();
        Assert.True(_cycles.State.NextAlarm <= _cycles.Now.AddSeconds(120), "nothing would wake the loop for the pod that does not go");
        Assert.Empty(_cycles.After(119.9));
        _cycles.Pass(0.1);

        var decisions = _cycles.Run();
        Assert.Equal(Reasons.NodeLost, Assert.IsType<Decision.Announce>(decisions[0]).Reason);
        Assert.Equal(Reasons.Disrupted, Assert.IsType<Decision.Finish>(decisions[1]).End.Reason);
    }

    [Fact]
    public void A_pod_on_a_lost_node_is_told_of_once_and_holds_its_slot()
    {
        var pod = Given.Pod(Uid);
        _cycles.Tell(new Fact.PodSeen(null, pod), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Empty(_cycles.After(3600));
        _cycles.Tell(new Fact.PodSeen(pod, Leaving(pod)));
        Assert.Empty(_cycles.After(119.9));
        _cycles.Pass(0.1);
        Assert.Equal(Reasons.NodeLost, Announced().Reason);

        for (var i = 0; i < 50; i++)
        {
            _cycles.Tell(new Fact.PodSeen(Leaving(pod), Leaving(pod)));
            Assert.Empty(_cycles.After(60));
        }

        Assert.Equal(1, _cycles.State.Ledger.Count);
        Assert.Contains("NodeLost", BlueprintReport.Of(Given.Blueprint(), _cycles.State, new PullRequestGate(_cycles.State, _cycles.Now), _cycles.Now).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_that_was_deleted_by_force_has_been_disrupted_once_the_API_server_says_that_it_is_gone()
    {
        var pod = Given.Pod(Uid);
        _cycles.Tell(new Fact.PodSeen(null, pod));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.PodSeen(pod, null), new Fact.JobSeen(_job, Given.Job(Uid, ended: "Failed")));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(2);
        _cycles.One<Decision.Inspect>();
        _cycles.Tell(new Fact.Inspected(Uid, 1, IsOver: true));

        var end = _cycles.One<Decision.Finish>().End;
        Assert.Equal((Reasons.Disrupted, FailureClass.Infrastructure), (end.Reason, end.Class!.Value));
    }

    [Fact]
    public void A_Job_whose_claim_was_taken_off_is_deleted()
    {
        _cycles.Tell(new Fact.PodSeen(null, Given.Pod(Uid)));
        Assert.Empty(_cycles.Run());
        Recorded();

        _cycles.One<Decision.DeleteJob>();
        Assert.Empty(_cycles.After(60));
        Assert.Equal(1, _cycles.State.Ledger.Count);
    }

    [Theory]
    [InlineData("""{"outcome":"done"}""", null, AttemptOutcome.Done)]
    [InlineData("""{"outcome":"approved"}""", "look", AttemptOutcome.Approved)]
    [InlineData("""{"outcome":"rejected"}""", "look", AttemptOutcome.Cancelled)]
    [InlineData("""{"outcome":"failed"}""", null, AttemptOutcome.Cancelled)]
    [InlineData(null, null, AttemptOutcome.Cancelled)]
    public void What_was_done_before_the_cancellation_stands(string? message, string? condition, AttemptOutcome outcome)
    {
        var cycles = new Cycles();
        var claimed = _task with
        {
            Spec = _task.Spec with { Cancel = true },
            Status = _task.Status! with { Claim = _task.Status.Claim! with { Condition = condition } },
        };
        cycles.Tell(
            new Fact.BlueprintSeen(null, Given.Blueprint()),
            new Fact.TaskSeen(null, claimed),
            new Fact.JobSeen(null, Given.Job(Uid, ended: "Complete")),
            new Fact.PodSeen(null, Given.Pod(Uid, 1, "Failed", message, 0)));

        Assert.Equal(outcome, cycles.One<Decision.Finish>().End.Outcome);
    }

    [Theory]
    [InlineData("custom alone", BlueprintType.Custom, false, null, AttemptOutcome.Done, Reasons.Succeeded)]
    [InlineData("custom with a repository", BlueprintType.Custom, true, null, AttemptOutcome.Failed, Reasons.NoResult)]
    [InlineData("custom reviewer", BlueprintType.Custom, false, "look", AttemptOutcome.Failed, Reasons.NoResult)]
    [InlineData("scripts", BlueprintType.Scripts, false, null, AttemptOutcome.Failed, Reasons.NoResult)]
    public void Silence_and_exit_code_0_is_success_where_nobody_must_report(
        string name, BlueprintType type, bool hasRepository, string? condition, AttemptOutcome outcome, string reason)
    {
        Assert.NotEmpty(name);
        var end = EndOf(type, hasRepository, condition, null, 1);

        Assert.Equal((outcome, reason), (end.Outcome, end.Reason));
    }

    [Theory]
    [InlineData("the first of a custom agent", BlueprintType.Custom, true, 1, Reasons.NoCommits)]
    [InlineData("without a repository", BlueprintType.Custom, false, 1, Reasons.Succeeded)]
    [InlineData("a later one, whose work may be there already", BlueprintType.Custom, true, 2, Reasons.Succeeded)]
    [InlineData("the runner has looked for itself", BlueprintType.Scripts, true, 1, Reasons.Succeeded)]
    public void Done_without_a_commit_is_no_work_in_the_first_attempt_of_a_custom_agent(
        string name, BlueprintType type, bool hasRepository, int attempt, string reason)
    {
        Assert.NotEmpty(name);
        Assert.Equal(reason, EndOf(type, hasRepository, null, """{"outcome":"done","commits":0}""", attempt).Reason);
    }

    private static AttemptEnd EndOf(BlueprintType type, bool hasRepository, string? condition, string? message, int attempt)
    {
        var cycles = new Cycles();
        var blueprint = Given.Blueprint();
        var task = Given.Claimed(Given.Task("a", repository: hasRepository ? "code" : null), attempt);
        cycles.Tell(
            new Fact.BlueprintSeen(null, blueprint with { Spec = blueprint.Spec with { Type = type, Scripts = null } }),
            new Fact.TaskSeen(null, task with { Status = task.Status! with { Claim = task.Status.Claim! with { Condition = condition } } }),
            new Fact.JobSeen(null, Given.Job(Uid, attempt, ended: "Complete")),
            new Fact.PodSeen(null, Given.Pod(Uid, attempt, "Succeeded", message, 0)));
        return cycles.One<Decision.Finish>().End;
    }

    private (string Reason, string Message) Announced()
    {
        var announce = _cycles.One<Decision.Announce>();
        return (announce.Reason, announce.Message);
    }

    /// <summary>The result is recorded: the task is free.</summary>
    private void Recorded() => _cycles.Tell(
        new Fact.TaskSeen(_task, _task with { Status = new ObservedTask.TaskStatus { State = FlowStates.Failed, Attempt = 1 } }), new Fact.FinishLanded(Uid, 1));

    private void AssertFinishedSoon(string reason, string message)
    {
        for (var i = 0; i < 30; i++)
        {
            foreach (var decision in _cycles.After(1))
            {
                if (decision is Decision.Finish { End: var end })
                {
                    Assert.Equal((reason, message), (end.Reason, end.Message));
                    return;
                }

                Assert.IsType<Decision.Inspect>(decision);
                _cycles.Tell(new Fact.Inspected(Uid, 1, IsOver: false, "exceeded quota: agents"));
            }
        }

        Assert.Fail("the attempt has not ended");
    }

    private static ObservedPod Pending(ObservedPod.ContainerStatus? agent = null, params ObservedPod.ContainerStatus[] init) => Given.Pod(Uid) with
    {
        Status = new ObservedPod.PodStatus
        {
            Phase = "Pending", ContainerStatuses = agent is null ? null : [agent], InitContainerStatuses = init.Length == 0 ? null : init,
        },
    };

    private static ObservedPod With(ObservedPod pod, ObservedPod.PodCondition condition) => pod with { Status = pod.Status! with { Conditions = [condition] } };

    private static ObservedPod.ContainerStatus Container(string name, string waiting) => new()
    {
        Name = name,
        State = new ObservedPod.ContainerState
        {
            Waiting = new ObservedPod.WaitingState { Reason = waiting, Message = waiting is "ContainerCreating" or "PodInitializing" ? null : "why" },
        },
    };

    private static ObservedPod.ContainerStatus Running(string name) =>
        new() { Name = name, State = new ObservedPod.ContainerState { Running = new ObservedPod.RunningState() } };

    private static ObservedPod.ContainerStatus Ended(string name, DateTimeOffset? finishedAt, string? message = null) => new()
    {
        Name = name,
        State = new ObservedPod.ContainerState { Terminated = new ObservedPod.TerminatedState { ExitCode = 0, FinishedAt = finishedAt, Message = message } },
    };

    private static ObservedPod Sidecar(DateTimeOffset? finishedAt) => Given.Pod(Uid) with
    {
        Status = new ObservedPod.PodStatus
        {
            Phase = "Running", ContainerStatuses = [Ended("agent", finishedAt, """{"outcome":"done"}"""), Running("proxy")],
        },
    };

    private static ObservedPod Leaving(ObservedPod pod) => pod with { Metadata = pod.Metadata with { IsBeingDeleted = true } };

    private static ObservedPod Second(string phase)
    {
        var pod = Given.Pod(Uid, 1, phase);
        return pod with { Metadata = pod.Metadata with { Name = "second", Uid = "uid-second" } };
    }
}
