using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Core.Tests.Flows;
using Octopoid.Core.Tests.Outcomes;

namespace Octopoid.Core.Tests.PullRequests;

/// <summary>What a forge's word of a task's pull request does to the task.</summary>
public sealed class ForgeNewsTests
{
    private static readonly AttemptEnd Opened = new(AttemptOutcome.Done, null, Reasons.Succeeded, "")
    {
        Result = new AgentResult { Outcome = AttemptOutcome.Done, PullRequestNumber = 12, HeadSHA = "abc" },
    };

    private static readonly AttemptEnd Approved = new(AttemptOutcome.Approved, null, Reasons.Approved, "")
    {
        Result = new AgentResult { Outcome = AttemptOutcome.Approved, HeadSHA = "abc" },
    };

    private static readonly AgentFlowSpec Reviewed = FlowText.Flow("incoming coded coder", "coded done style:@reviewer look:manual merged:merged");

    [Fact]
    public void A_merged_pull_request_ends_the_task()
    {
        var life = new TaskLife(DefaultFlow.Spec).Run(Opened);
        Assert.Equal("provisional", life.State);

        Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Merged, "abc"), hasForge: true));
        Assert.Equal(FlowStates.Done, life.State);
        Assert.Equal(PullRequestState.Merged, life.Status.PullRequest!.State);
        Assert.Equal(ConditionStatus.True, life.Condition(ConditionTypes.Complete)!.Status);
        Assert.False(life.Settle(seen: new SeenPullRequest(PullRequestState.Closed, "abc"), hasForge: true));
    }

    [Theory]
    [InlineData("incoming", "incoming", Reasons.PullRequestClosed)]
    [InlineData("failed", FlowStates.Failed, Reasons.PullRequestClosed)]
    public void A_closed_one_sends_it_where_the_flow_says(string onFail, string state, string reason)
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", $"coded done merged:merged:{onFail}")).Run(Opened);

        Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Closed, null), hasForge: true));
        Assert.Equal((state, PullRequestState.Closed), (life.State, life.Status.PullRequest!.State));
        Assert.EndsWith($"{state} 1 {reason}", life.History.Last(), StringComparison.Ordinal);
        Assert.Contains("12 was closed without a merge", life.Status.Feedback, StringComparison.Ordinal);
    }

    [Fact]
    public void One_that_is_opened_again_is_waited_for_again()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded done look:manual merged:merged:coded")).Run(Opened);
        Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Closed, null), hasForge: true));
        Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Open, "abc"), hasForge: true));
        Assert.Equal((PullRequestState.Open, "coded"), (life.Status.PullRequest!.State, life.State));
    }

    [Fact]
    public void Agents_are_not_sent_for_ever_to_work_whose_pull_requests_nobody_wants()
    {
        var life = new TaskLife(DefaultFlow.Spec, new RetryPolicy { MaxRejections = 2 });
        for (var rejections = 1; rejections <= 2; rejections++)
        {
            life.Run(Opened);
            Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Closed, null), hasForge: true));
            Assert.Equal((FlowStates.Incoming, rejections), (life.State, life.Status.Rejections));
        }

        life.Run(Opened);
        Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Closed, null), hasForge: true));
        Assert.Equal((FlowStates.Failed, Reasons.RejectionLimit), (life.State, life.Condition(ConditionTypes.Failed)!.Reason));
    }

    [Fact]
    public void A_head_that_moves_takes_back_what_was_judged_by_another()
    {
        var life = new TaskLife(Reviewed).Run(Opened).Run(Approved);
        Assert.Equal("abc", Assert.Single(life.Status.Passed!).HeadSHA);

        Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Open, "def"), hasForge: true));
        Assert.Empty(life.Status.Passed!);
        Assert.Equal("def", life.Status.PullRequest!.HeadSHA);
        Assert.IsType<FlowStep.Review>(FlowRules.Next(Reviewed, life.State, life.Status.Passed, life.Status.PullRequest));
        Assert.Null(life.Condition(ConditionTypes.Claimable));
    }

    [Fact]
    public void A_head_that_was_not_known_takes_nothing_back()
    {
        var end = Opened with { Result = new AgentResult { Outcome = AttemptOutcome.Done, PullRequestNumber = 12 } };
        var life = new TaskLife(Reviewed).Run(end).Run(Approved);

        Assert.True(life.Settle(seen: new SeenPullRequest(PullRequestState.Open, "abc"), hasForge: true));
        Assert.Single(life.Status.Passed!);
        Assert.Equal(Reasons.AwaitsDecision, life.Condition(ConditionTypes.Claimable)!.Reason);
    }

    [Fact]
    public void Word_of_another_pull_request_or_from_before_the_last_attempt_is_not_heard()
    {
        var life = new TaskLife(DefaultFlow.Spec).Run(Opened);
        var before = ObservedTask.From(life.Task);
        var merged = new SeenPullRequest(PullRequestState.Merged, "abc");

        Assert.False(life.Settle(seen: merged, hasForge: true, asSeen: before with { Status = before.Status! with { Attempt = 0 } }));
        Assert.False(life.Settle(
            seen: merged, hasForge: true, asSeen: before with { Status = before.Status! with { PullRequest = new TaskPullRequest { Number = 11 } } }));
        Assert.Equal("provisional", life.State);
    }

    [Theory]
    [InlineData(true, PullRequestState.Open)]
    [InlineData(false, PullRequestState.Merged)]
    public void A_persons_approval_is_news_of_the_pull_request_only_where_no_forge_tells(bool hasForge, PullRequestState state)
    {
        var life = new TaskLife(DefaultFlow.Spec).Run(Opened).Say(DecisionVerdict.Approve);

        Assert.True(life.Settle(hasForge: hasForge));
        Assert.Equal((FlowStates.Done, state), (life.State, life.Status.PullRequest!.State));
    }

    [Fact]
    public void Where_a_forge_tells_a_persons_rejection_has_the_open_pull_request_mended()
    {
        var life = new TaskLife(DefaultFlow.Spec).Run(Opened).Say(DecisionVerdict.Reject, "shorter");

        Assert.True(life.Settle(hasForge: true));
        Assert.Equal((FlowStates.Incoming, PullRequestState.Open, "shorter"), (life.State, life.Status.PullRequest!.State, life.Status.Feedback));
    }
}
