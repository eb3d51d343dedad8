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

    private static AttemptEnd Of(ObservedPod pod) => Classification.Of(Contract, Given.Job("uid-a", 1, "Failed"), [pod]);

    private static AttemptEnd Of(ObservedJob job) => Classification.Of(Contract, job, []);
}
