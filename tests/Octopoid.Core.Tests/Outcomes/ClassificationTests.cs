using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Outcomes;

public sealed class ClassificationTests
{
    private static readonly AttemptContract Contract = new(1) { MustReport = true, HasWork = true };

    [Theory]
    [InlineData("done", """{"outcome":"done"}""", 0, AttemptOutcome.Done, null, "Succeeded")]
    [InlineData("a result stands above the exit code", """{"outcome":"done"}""", 1, AttemptOutcome.Done, null, "Succeeded")]
    [InlineData("failed with a reason", """{"outcome":"failed","reason":"Deadline"}""", 0, AttemptOutcome.Failed, FailureClass.Task, "Deadline")]
    [InlineData("failed with a sentence", """{"outcome":"failed","reason":"no disk"}""", 0, AttemptOutcome.Failed, FailureClass.Task, "AgentFailed")]
    [InlineData("failed without one", """{"outcome":"failed"}""", 0, AttemptOutcome.Failed, FailureClass.Task, "AgentFailed")]
    [InlineData("the push failed", """{"outcome":"failed","reason":"PushFailed"}""", 0, AttemptOutcome.Failed, FailureClass.Infrastructure, "PushFailed")]
    [InlineData("the pod was told to stop", """{"outcome":"failed","reason":"Terminated"}""", 1, AttemptOutcome.Failed, FailureClass.Infrastructure, "Terminated")]
    [InlineData("to be continued", """{"outcome":"needs_continuation"}""", 0, AttemptOutcome.NeedsContinuation, null, "NeedsContinuation")]
    [InlineData("a verdict on no review", """{"outcome":"approved"}""", 0, AttemptOutcome.Failed, FailureClass.Task, "UnexpectedVerdict")]
    [InlineData("the result of another attempt", """{"attempt":2,"outcome":"done"}""", 0, AttemptOutcome.Failed, FailureClass.Task, "NoResult")]
    [InlineData("unknown keys are ignored", """{"outcome":"done","x":{"y":[1]}}""", 0, AttemptOutcome.Done, null, "Succeeded")]
    [InlineData("a cut result", """{"outcome":"do""", 0, AttemptOutcome.Failed, FailureClass.Task, "MalformedResult")]
    [InlineData("no JSON", "all good", 0, AttemptOutcome.Failed, FailureClass.Task, "NoResult")]
    [InlineData("the end of a result that was too long", """000","headSHA":"abc"}""" + "\n", 0, AttemptOutcome.Failed, FailureClass.Task, "MalformedResult")]
    [InlineData("an unknown outcome", """{"outcome":"fine"}""", 0, AttemptOutcome.Failed, FailureClass.Task, "MalformedResult")]
    [InlineData("an outcome of the wrong type", """{"outcome":7}""", 3, AttemptOutcome.Failed, FailureClass.Task, "ExitCode")]
    [InlineData("silence and exit code 0", null, 0, AttemptOutcome.Failed, FailureClass.Task, "NoResult")]
    [InlineData("silence and another exit code", null, 137, AttemptOutcome.Failed, FailureClass.Task, "ExitCode")]
    public void What_the_agent_said_decides(
        string name, string? message, int exitCode, AttemptOutcome outcome, FailureClass? blame, string reason)
    {
        Assert.NotEmpty(name);
        var end = Of(Given.Pod("uid-a", 1, "Failed", message, exitCode));

        Assert.Equal((outcome, blame, reason), (end.Outcome, end.Class, end.Reason));
    }

    [Fact]
    public void Exit_code_0_is_success_where_nobody_must_report() =>
        Assert.Equal(
            AttemptOutcome.Done,
            Classification.Of(new AttemptContract(1), Given.Job("uid-a", 1, "Complete"), [Given.Pod("uid-a", 1, "Succeeded", null, 0)]).Outcome);

    [Fact]
    public void Too_much_memory_is_the_task_s_fault() =>
        Assert.Equal(Reasons.OutOfMemory, Of(Given.Pod("uid-a", 1, "Failed", null, 137, "OOMKilled")).Reason);

    [Fact]
    public void A_result_stands_above_a_disruption()
    {
        var pod = Given.Pod("uid-a", 1, "Failed", """{"outcome":"done"}""", 137);

        Assert.Equal(AttemptOutcome.Done, Of(pod with { Status = pod.Status! with { Reason = "Evicted" } }).Outcome);
    }

    [Fact]
    public void A_disruption_stands_above_an_exit_code()
    {
        var pod = Given.Pod("uid-a", 1, "Failed", null, 137);
        var end = Of(pod with { Status = pod.Status! with { Reason = "Evicted" } });

        Assert.Equal((Reasons.Disrupted, FailureClass.Infrastructure), (end.Reason, end.Class));
    }

    [Fact]
    public void A_pod_that_ended_before_its_agent_began_was_disrupted() =>
        Assert.Equal(Reasons.Disrupted, Of(Given.Pod("uid-a", 1, "Failed")).Reason);

    [Fact]
    public void A_workspace_that_could_not_be_made_says_why()
    {
        var pod = Given.Pod("uid-a", 1, "Failed");
        var workspace = new ObservedPod.ContainerStatus
        {
            Name = "workspace",
            State = new ObservedPod.ContainerState
            {
                Terminated = new ObservedPod.TerminatedState
                {
                    ExitCode = 1, Message = """{"outcome":"failed","reason":"WorkspaceFailed","comment":"the repository has no branch main"}""",
                },
            },
        };
        var end = Of(pod with { Status = pod.Status! with { InitContainerStatuses = [workspace] } });

        Assert.Equal((Reasons.WorkspaceFailed, FailureClass.Infrastructure), (end.Reason, end.Class));
        Assert.Equal("the repository has no branch main", end.Message);
    }

    [Fact]
    public void A_Job_past_its_deadline_whose_pod_is_gone_is_the_task_s_fault()
    {
        var job = Given.Job("uid-a", 1, "Failed");
        job = job with { TerminalCondition = job.TerminalCondition!.Value with { Reason = "DeadlineExceeded" } };

        Assert.Equal((Reasons.Deadline, FailureClass.Task), (Of(job).Reason, Of(job).Class!.Value));
    }

    [Fact]
    public void An_ended_Job_without_a_pod_has_lost_its_result() =>
        Assert.Equal(Reasons.ResultLost, Of(Given.Job("uid-a", 1, "Complete")).Reason);

    [Fact]
    public void Without_Job_and_pod_the_attempt_is_lost() =>
        Assert.Equal(Reasons.Lost, Classification.Of(Contract, null, []).Reason);

    [Theory]
    [InlineData("Evicted")]
    [InlineData("Preempting")]
    [InlineData("Preempted")]
    [InlineData("NodeLost")]
    [InlineData("NodeShutdown")]
    [InlineData("Terminated")]
    [InlineData("UnexpectedAdmissionError")]
    public void A_pod_that_its_node_ended_was_disrupted(string reason)
    {
        foreach (var pod in new[] { Given.Pod("uid-a", 1, "Failed", null, 137), Given.Pod("uid-a", 1, "Failed") })
        {
            var end = Of(pod with { Status = pod.Status! with { Reason = reason, Message = "The node was low on memory. " } });

            Assert.Equal((AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted), (end.Outcome, end.Class, end.Reason));
            Assert.Equal($"The pod pod-uid-a-1 ended before its agent had: {reason}, The node was low on memory.", end.Message);
            Assert.False(end.IsStartFailure);
        }
    }

    [Fact]
    public void A_disruption_target_was_disrupted()
    {
        var target = new ObservedPod.PodCondition { Type = "DisruptionTarget", Status = "True", Reason = "EvictionByEvictionAPI" };
        Assert.Equal((Reasons.Disrupted, "The pod pod-uid-a-1 ended before its agent had: EvictionByEvictionAPI."), Told(target));
        Assert.Equal(Reasons.ExitCode, Told(target with { Status = "False" }).Reason);

        static (string Reason, string Message) Told(ObservedPod.PodCondition condition)
        {
            var pod = Given.Pod("uid-a", 1, "Failed", null, 143);
            var end = Of(pod with { Status = pod.Status! with { Conditions = [condition] } });
            return (end.Reason, end.Message);
        }
    }

    [Fact]
    public void A_container_that_its_node_has_forgotten_was_disrupted() =>
        Assert.Equal((Reasons.Disrupted, FailureClass.Infrastructure), Blame(Of(Given.Pod("uid-a", 1, "Failed", null, 137, "ContainerStatusUnknown"))));

    [Theory]
    [InlineData(143, Reasons.Disrupted)]
    [InlineData(0, Reasons.NoResult)]
    public void An_agent_that_ended_as_its_pod_was_deleted_was_disrupted_unless_it_ended_well(int exitCode, string reason)
    {
        var pod = Given.Pod("uid-a", 1, "Failed", null, exitCode);

        Assert.Equal(reason, Of(pod with { Metadata = pod.Metadata with { IsBeingDeleted = true } }).Reason);
    }

    [Theory]
    [InlineData("StartError")]
    [InlineData("ContainerCannotRun")]
    public void A_program_that_cannot_be_started_is_a_start_failure(string reason)
    {
        var pod = Given.Pod("uid-a", 1, "Failed", "exec: no such file", 128, reason);
        var end = Of(pod);

        Assert.Equal((Reasons.ContainerCannotRun, FailureClass.Infrastructure), Blame(end));
        Assert.True(end.IsStartFailure);
        Assert.Equal("The agent's program could not be started: exec: no such file", end.Message);
        Assert.False(Classification.HasStarted(pod));
    }

    [Fact]
    public void An_agent_has_started_once_its_container_runs_or_has_run()
    {
        Assert.True(Classification.HasStarted(Given.Pod("uid-a")));
        Assert.True(Classification.HasStarted(Given.Pod("uid-a", 1, "Failed", null, 1)));
        Assert.False(Classification.HasStarted(Given.Pod("uid-a", 1, "Pending")));
        Assert.False(Classification.HasStarted(Given.Pod("uid-a", 1, "Failed")));
        var waits = new ObservedPod.ContainerStatus { Name = "agent", State = new ObservedPod.ContainerState { Waiting = new ObservedPod.WaitingState() } };
        Assert.False(Classification.HasStarted(Given.Pod("uid-a") with { Status = new ObservedPod.PodStatus { Phase = "Running", ContainerStatuses = [waits] } }));
    }

    [Fact]
    public void Too_much_memory_is_told_also_where_the_runner_lived_to_report()
    {
        Assert.Equal(
            (Reasons.OutOfMemory, FailureClass.Task),
            Blame(Of(Given.Pod("uid-a", 1, "Failed", """{"outcome":"failed","reason":"ExitCode137"}""", 1, "OOMKilled"))));
        Assert.Equal(AttemptOutcome.Done, Of(Given.Pod("uid-a", 1, "Failed", """{"outcome":"done"}""", 137, "OOMKilled")).Outcome);
        Assert.Equal("Tests", Of(Given.Pod("uid-a", 1, "Failed", """{"outcome":"failed","reason":"Tests"}""", 137, "OOMKilled")).Reason);
    }

    [Fact]
    public void An_init_container_of_somebody_s_own_that_failed_is_named()
    {
        var end = Of(WithInit("prepare", 3));

        Assert.Equal((Reasons.WorkspaceFailed, FailureClass.Infrastructure), Blame(end));
        Assert.Equal("The init container prepare exited with code 3, so the agent was not started.", end.Message);
    }

    [Fact]
    public void A_workspace_that_died_without_a_word_did_so_by_itself_unless_its_pod_was_disrupted()
    {
        var pod = WithInit("workspace", 137);

        Assert.Equal((Reasons.WorkspaceFailed, FailureClass.Infrastructure), Blame(Of(pod)));
        Assert.Equal("The workspace container exited with code 137.", Of(pod).Message);
        Assert.Equal(Reasons.Disrupted, Of(pod with { Status = pod.Status! with { Reason = "Evicted" } }).Reason);
    }

    [Fact]
    public void A_pod_past_its_Job_s_deadline_is_the_task_s_fault_if_its_agent_has_not_ended()
    {
        var job = Given.Job("uid-a", 1, "Failed") with { TerminalCondition = new ObservedJob.JobCondition("Failed", "DeadlineExceeded") };
        Assert.Equal((Reasons.Deadline, FailureClass.Task), Blame(Classification.Of(Contract, job, [Given.Pod("uid-a")])));
        Assert.Equal(AttemptOutcome.Done, Classification.Of(Contract, job, [Given.Succeeded("uid-a")]).Outcome);

        var pod = Given.Pod("uid-a", 1, "Failed");
        Assert.Equal((Reasons.Deadline, FailureClass.Task), Blame(Of(pod with { Status = pod.Status! with { Reason = "DeadlineExceeded" } })));
    }

    [Fact]
    public void A_pod_last_seen_at_work_whose_Job_is_gone_tells_nothing() =>
        Assert.Equal((Reasons.Lost, FailureClass.Infrastructure), Blame(Classification.Of(Contract, null, [Given.Pod("uid-a")])));

    [Fact]
    public void A_review_ends_with_a_verdict_or_has_failed()
    {
        var review = Contract with { IsReview = true };
        Assert.Equal((AttemptOutcome.Approved, Reasons.Approved), Ended("""{"outcome":"approved"}"""));
        Assert.Equal((AttemptOutcome.Rejected, Reasons.Rejected), Ended("""{"outcome":"rejected","comment":"no"}"""));
        Assert.Equal((AttemptOutcome.Failed, Reasons.NoVerdict), Ended("""{"outcome":"done"}"""));
        Assert.Equal((AttemptOutcome.NeedsContinuation, Reasons.NeedsContinuation), Ended("""{"outcome":"needs_continuation"}"""));
        Assert.Equal((AttemptOutcome.Failed, Reasons.NoResult), Ended(null));

        (AttemptOutcome, string) Ended(string? message)
        {
            var end = Classification.Of(review, Given.Job("uid-a", 1, "Complete"), [Given.Pod("uid-a", 1, "Succeeded", message, 0)]);
            return (end.Outcome, end.Reason);
        }
    }

    [Theory]
    [InlineData("""{"outcome":"done","commits":0}""", Reasons.NoCommits)]
    [InlineData("""{"outcome":"done","commits":1}""", Reasons.Succeeded)]
    [InlineData("""{"outcome":"done"}""", Reasons.Succeeded)]
    [InlineData("""{"outcome":"done","commits":0,"pullRequest":{"number":3}}""", Reasons.Succeeded)]
    public void Done_on_a_repository_needs_something_to_show(string message, string reason)
    {
        var first = new AttemptContract(1) { MustReport = true, HasRepository = true };
        var pod = Given.Pod("uid-a", 1, "Succeeded", message, 0);

        Assert.Equal(reason, Classification.Of(first, null, [pod]).Reason);
        Assert.Equal(Reasons.Succeeded, Classification.Of(first with { HasWork = true }, null, [pod]).Reason);
    }

    [Fact]
    public void A_result_of_another_attempt_is_no_success_where_nobody_must_report_either()
    {
        var end = Classification.Of(
            new AttemptContract(2), null, [Given.Pod("uid-a", 2, "Succeeded", """{"attempt":1,"outcome":"done"}""", 0)]);

        Assert.Equal((Reasons.NoResult, FailureClass.Task), Blame(end));
        Assert.Contains("attempt 1", end.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_that_was_too_long_to_be_kept_says_so()
    {
        var whole = $$"""{"outcome":"done","comment":"{{new string('x', 5000)}}"}""";

        Assert.Equal((Reasons.MalformedResult, FailureClass.Task), Blame(Of(Given.Pod("uid-a", 1, "Succeeded", whole[..4096], 0))));
        Assert.Equal(AttemptOutcome.Done, Of(Given.Pod("uid-a", 1, "Succeeded", whole, 0)).Outcome);
    }

    [Fact]
    public void Of_several_pods_the_work_of_one_counts_whatever_became_of_the_others()
    {
        var (evicted, done, failed) = (Given.Pod("uid-a", 1, "Failed"), Given.Succeeded("uid-a"), Given.Pod("uid-a", 1, "Failed", """{"outcome":"failed"}""", 1));

        Assert.Equal(AttemptOutcome.Done, Classification.Of(Contract, null, [done, failed]).Outcome);
        Assert.Equal(AttemptOutcome.Done, Classification.Of(Contract, null, [evicted, done]).Outcome);
        Assert.Equal(Reasons.AgentFailed, Classification.Of(Contract, null, [failed, evicted]).Reason);
        Assert.Equal((Reasons.Disrupted, FailureClass.Infrastructure), Blame(Classification.Of(Contract, null, [evicted, evicted])));
    }

    private static (string Reason, FailureClass? Class) Blame(AttemptEnd end) => (end.Reason, end.Class);

    private static ObservedPod WithInit(string name, int exitCode)
    {
        var pod = Given.Pod("uid-a", 1, "Failed");
        var init = new ObservedPod.ContainerStatus
        {
            Name = name, State = new ObservedPod.ContainerState { Terminated = new ObservedPod.TerminatedState { ExitCode = exitCode } },
        };
        return pod with { Status = pod.Status! with { InitContainerStatuses = [init] } };
    }

    private static AttemptEnd Of(ObservedPod pod) => Classification.Of(Contract, Given.Job("uid-a", 1, "Failed"), [pod]);

    private static AttemptEnd Of(ObservedJob job) => Classification.Of(Contract, job, []);
}
