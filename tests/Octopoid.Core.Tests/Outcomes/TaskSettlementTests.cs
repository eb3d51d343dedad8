using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.Tests.Flows;

namespace Octopoid.Core.Tests.Outcomes;

/// <summary>What happens to a task that nobody works on.</summary>
public sealed class TaskSettlementTests
{
    private static readonly AttemptEnd Done = new(AttemptOutcome.Done, null, Reasons.Succeeded, "");

    private static readonly AttemptEnd Opened = Done with
    {
        Result = new AgentResult { Outcome = AttemptOutcome.Done, PullRequestNumber = 12, HeadSHA = "abc" },
    };

    private static readonly AgentFlowSpec Asks = FlowText.Flow("incoming coded coder", "coded tested plan:manual:failed", "tested done ship:manual");

    [Fact]
    public void A_claimed_task_is_left_alone()
    {
        var life = new TaskLife(DefaultFlow.Spec);
        Assert.True(life.TryClaim());

        Assert.False(life.Cancel().Settle(new Condition { Type = ConditionTypes.Claimable, Status = ConditionStatus.False }));
    }

    [Fact]
    public void A_task_that_waits_is_left_alone_but_told_why_it_waits()
    {
        var life = new TaskLife(DefaultFlow.Spec);
        Assert.False(life.Settle());

        Assert.True(life.Settle(new Condition { Type = ConditionTypes.Claimable, Status = ConditionStatus.False, Reason = Reasons.Suspended }));
        Assert.Equal((Reasons.Suspended, 1), (life.Condition(ConditionTypes.Claimable)!.Reason, life.Condition(ConditionTypes.Claimable)!.ObservedGeneration));
        Assert.Empty(life.History);
    }

    [Fact]
    public void A_waiting_task_is_cancelled_whatever_it_waits_for_and_whatever_became_of_its_flow()
    {
        foreach (var flow in new[] { DefaultFlow.Spec, Asks, null })
        {
            var life = new TaskLife(flow);
            life.Settle(new Condition { Type = ConditionTypes.Claimable, Status = ConditionStatus.False, Reason = Reasons.FlowMissing });
            Assert.True(life.Cancel().Settle());

            Assert.Equal(FlowStates.Cancelled, life.State);
            Assert.Equal(["incoming cancelled  Cancelled"], life.History);
            Assert.Null(life.Condition(ConditionTypes.Claimable));
            Assert.Equal((ConditionStatus.False, Reasons.Cancelled), (life.Condition(ConditionTypes.Complete)!.Status, life.Condition(ConditionTypes.Complete)!.Reason));
            Assert.False(life.Settle());
        }
    }

    [Fact]
    public void What_is_done_is_not_cancelled_and_not_begun_again()
    {
        var life = new TaskLife(DefaultFlow.Spec).Run(Done).Cancel();
        Assert.False(life.Settle());
        Assert.False(life.Cancel(false).Say(DecisionVerdict.Retry).Settle());
        Assert.False(life.Say(DecisionVerdict.Reject).Settle());
        Assert.Equal(FlowStates.Done, life.State);
    }

    [Fact]
    public void An_approval_takes_the_task_on_to_the_next_question_once()
    {
        var life = new TaskLife(Asks).Run(Done);
        Assert.Equal((Reasons.AwaitsDecision, 1), (life.Condition(ConditionTypes.Claimable)!.Reason, life.Condition(ConditionTypes.Claimable)!.ObservedGeneration));
        Assert.Contains("Condition plan waits for a person", life.Condition(ConditionTypes.Claimable)!.Message, StringComparison.Ordinal);

        Assert.True(life.Say(DecisionVerdict.Approve).Settle());
        Assert.Equal("tested", life.State);
        Assert.Null(life.Status.Passed);
        Assert.Contains("Condition ship", life.Condition(ConditionTypes.Claimable)!.Message, StringComparison.Ordinal);
        Assert.False(life.Settle());
        Assert.False(life.IsDue());

        Assert.True(life.Say(DecisionVerdict.Approve, "ship it").Settle());
        Assert.Equal(FlowStates.Done, life.State);
        Assert.Equal(["incoming coded 1 AttemptRunning", "coded tested 1 ConditionsMet", "tested done 1 ConditionsMet"], life.History);
        Assert.Null(life.Condition(ConditionTypes.Claimable));
        Assert.Equal(ConditionStatus.True, life.Condition(ConditionTypes.Complete)!.Status);
    }

    [Fact]
    public void A_decision_for_another_attempt_or_another_condition_does_nothing()
    {
        var life = new TaskLife(Asks).Run(Done);

        Assert.False(life.Say(DecisionVerdict.Approve, attempt: 2).Settle());
        Assert.False(life.Say(DecisionVerdict.Approve, condition: "ship").Settle());
        Assert.False(life.Say(DecisionVerdict.Retry).Settle());
        Assert.True(life.Say(DecisionVerdict.Approve, condition: "plan").Settle());
    }

    [Fact]
    public void An_approval_is_kept_with_attempt_and_head_while_other_conditions_wait()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded done plan:manual ship:manual")).Run(Opened);
        Assert.True(life.Say(DecisionVerdict.Approve).Settle());

        Assert.Equal([new PassedCondition { Condition = "plan", Attempt = 1, HeadSHA = "abc" }], life.Status.Passed);
        Assert.Equal("coded", life.State);
    }

    [Fact]
    public void A_person_s_rejection_sends_the_task_where_the_condition_says_with_the_comment()
    {
        var back = new TaskLife(FlowText.Flow("incoming coded coder", "coded done plan:manual ship:manual")).Run(Done);
        Assert.True(back.Say(DecisionVerdict.Approve).Settle());
        Assert.True(back.Say(DecisionVerdict.Reject, "No tests.").Settle());

        Assert.Equal((FlowStates.Incoming, "No tests.", 1), (back.State, back.Status.Feedback, back.Status.Rejections));
        Assert.Equal(["incoming coded 1 AttemptRunning", "coded incoming 1 Rejected"], back.History);
        Assert.Null(back.Status.Passed);
        Assert.Null(back.Condition(ConditionTypes.Claimable));

        var failed = new TaskLife(Asks).Run(Done);
        Assert.True(failed.Say(DecisionVerdict.Reject).Settle());
        Assert.Equal(FlowStates.Failed, failed.State);
        Assert.Equal((Reasons.Rejected, "Condition plan was rejected."), (failed.Condition(ConditionTypes.Failed)!.Reason, failed.Condition(ConditionTypes.Failed)!.Message));
        Assert.Null(failed.Condition(ConditionTypes.Claimable));
    }

    [Fact]
    public void A_person_may_reject_as_often_as_it_takes()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded done ship:manual"), new RetryPolicy(MaxRejections: 1));
        for (var times = 1; times <= 5; times++)
        {
            Assert.True(life.Run(Done).Say(DecisionVerdict.Reject).Settle());
            Assert.Equal((FlowStates.Incoming, times), (life.State, life.Status.Rejections));
        }
    }

    [Fact]
    public void Where_no_forge_tells_of_a_merge_an_approval_does()
    {
        var life = new TaskLife(DefaultFlow.Spec).Run(Opened);
        Assert.Equal(("provisional", Reasons.AwaitsMerge), (life.State, life.Condition(ConditionTypes.Claimable)!.Reason));
        Assert.False(life.Settle());

        Assert.True(life.Say(DecisionVerdict.Approve).Settle());
        Assert.Equal((FlowStates.Done, PullRequestState.Merged), (life.State, life.Status.PullRequest!.State));
    }

    [Fact]
    public void Where_no_forge_tells_of_a_closing_a_rejection_does_and_counts_once()
    {
        var life = new TaskLife(DefaultFlow.Spec).Run(Opened);
        Assert.True(life.Say(DecisionVerdict.Reject, "Not wanted so.").Settle());

        Assert.Equal((FlowStates.Incoming, PullRequestState.Closed, 1, "Not wanted so."), (life.State, life.Status.PullRequest!.State, life.Status.Rejections, life.Status.Feedback));
        Assert.False(life.Settle());
        Assert.Equal("provisional", life.Run(Opened).State);
        Assert.Equal(PullRequestState.Open, life.Status.PullRequest!.State);
    }

    [Theory]
    [InlineData("incoming", FlowStates.Incoming)]
    [InlineData("failed", FlowStates.Failed)]
    public void A_pull_request_that_was_closed_sends_the_task_where_the_condition_says(string onFail, string state)
    {
        var flow = FlowText.Flow("incoming coded coder", $"coded done ship:merged:{onFail}");
        var closed = new TaskPullRequest { Number = 12, State = PullRequestState.Closed };
        var life = new TaskLife(flow, status: new AgentTaskStatus { State = "coded", Attempt = 1, PullRequest = closed });
        Assert.True(life.IsDue());
        Assert.True(life.Settle());

        Assert.Equal((state, 1, "Pull request 12 was closed without a merge."), (life.State, life.Status.Rejections, life.Status.Feedback));
        Assert.Equal([$"coded {onFail} 1 PullRequestClosed"], life.History);
        Assert.Equal(onFail == "failed" ? Reasons.PullRequestClosed : null, life.Condition(ConditionTypes.Failed)?.Reason);
        Assert.False(life.Settle());
    }

    [Fact]
    public void A_retry_begins_again_without_the_pull_request_that_was_closed()
    {
        var flow = FlowText.Flow("incoming coded coder", "coded done ship:merged:failed");
        var closed = new TaskPullRequest { Number = 12, State = PullRequestState.Closed };
        var life = new TaskLife(flow, status: new AgentTaskStatus { State = "coded", Attempt = 1, PullRequest = closed });
        Assert.True(life.Settle());
        Assert.Equal(FlowStates.Failed, life.State);

        Assert.True(life.Say(DecisionVerdict.Retry).Settle());
        Assert.Equal(FlowStates.Done, life.Run(Done).State);
    }

    [Fact]
    public void A_rejection_without_a_word_says_at_least_what_was_rejected()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded done ship:manual"));
        life.Run(Done);

        Assert.True(life.Say(DecisionVerdict.Reject).Settle());
        Assert.Equal("Condition ship was rejected.", life.Status.Feedback);
    }

    [Fact]
    public void A_retry_begins_again_with_every_budget_but_that_of_rejections()
    {
        var life = new TaskLife(DefaultFlow.Spec, new RetryPolicy(MaxAttempts: 1), new AgentTaskStatus { State = "incoming", Rejections = 2 });
        life.Run(AttemptEnd.Failure(Reasons.ExitCode, "exit 1"));
        Assert.Equal((FlowStates.Failed, 1), (life.State, life.Status.Failures));

        Assert.True(life.Say(DecisionVerdict.Retry, "Mind the gap.").Settle());
        Assert.Equal((FlowStates.Incoming, 0, 0, 0, 2), (life.State, life.Status.Failures, life.Status.InfrastructureRetries, life.Status.Continuations, life.Status.Rejections));
        Assert.Equal("Mind the gap.\n\nexit 1", life.Status.Feedback);
        Assert.Null(life.Condition(ConditionTypes.Failed));
        Assert.Equal(1, life.Status.Attempt);
        Assert.Equal(["incoming claimed 1 AttemptRunning", "claimed failed 1 ExitCode", "failed incoming 1 Retried"], life.History);
        Assert.False(life.Settle());

        // The same word does not act again on what fails later.
        life.Run(AttemptEnd.Failure(Reasons.ExitCode, "exit 2"));
        Assert.False(life.Settle());
        Assert.Equal(FlowStates.Failed, life.State);
    }

    [Fact]
    public void A_cancelled_task_begins_again_only_once_its_cancellation_is_taken_back()
    {
        var life = new TaskLife(DefaultFlow.Spec).Cancel();
        Assert.True(life.Settle());
        Assert.False(life.Say(DecisionVerdict.Retry).Settle());

        Assert.True(life.Cancel(false).Settle());
        Assert.Equal(FlowStates.Incoming, life.State);
        Assert.Null(life.Condition(ConditionTypes.Complete));
        Assert.False(life.Settle());
    }

    [Fact]
    public void A_flow_that_is_edited_takes_a_waiting_task_on_or_leaves_it_where_it_is()
    {
        var life = new TaskLife(Asks).Run(Done);
        life.Flow = FlowText.Flow("incoming done");
        Assert.False(life.Say(DecisionVerdict.Approve).Settle());
        Assert.Equal("coded", life.State);

        life.Flow = null;
        Assert.False(life.Settle());
        life.Flow = FlowText.Flow("incoming coded coder", "coded done");
        Assert.True(life.Settle());
        Assert.Equal(FlowStates.Done, life.State);
    }

    [Fact]
    public void What_was_passed_of_a_condition_that_is_gone_is_not_kept()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded done plan:manual ship:manual more:manual")).Run(Done);
        Assert.True(life.Say(DecisionVerdict.Approve, condition: "plan").Settle());
        life.Flow = FlowText.Flow("incoming coded coder", "coded done ship:manual more:manual");
        Assert.True(life.Say(DecisionVerdict.Approve, condition: "ship").Settle());

        Assert.Equal(["ship"], life.Status.Passed!.Select(met => met.Condition));
    }
}
