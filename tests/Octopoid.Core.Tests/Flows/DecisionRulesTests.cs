using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Tests.Flows;

public sealed class DecisionRulesTests
{
    private static readonly FlowCondition Asked = new() { Name = "ship", Manual = true };
    private static readonly TaskDecision Approval = new() { Attempt = 3, Verdict = DecisionVerdict.Approve };

    [Fact]
    public void A_decision_on_the_latest_attempt_answers() => Assert.True(Answers(Approval));

    [Fact]
    public void A_rejection_answers_as_well() => Assert.True(Answers(Approval with { Verdict = DecisionVerdict.Reject }));

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void One_on_another_attempt_does_not(int attempt) => Assert.False(Answers(Approval with { Attempt = attempt }));

    [Fact]
    public void None_does_not_and_a_retry_does_not()
    {
        Assert.False(Answers(null));
        Assert.False(Answers(Approval with { Verdict = DecisionVerdict.Retry }));
    }

    [Fact]
    public void One_that_names_a_condition_answers_that_alone()
    {
        Assert.True(Answers(Approval with { Condition = "ship" }));
        Assert.False(Answers(Approval with { Condition = "other" }));
    }

    [Fact]
    public void One_acts_once_and_again_with_another_comment()
    {
        Assert.False(Answers(Approval, TakenDecision.Of(Approval)));
        Assert.True(Answers(Approval with { Comment = "I mean it." }, TakenDecision.Of(Approval)));
        Assert.True(Answers(Approval with { Condition = "ship" }, TakenDecision.Of(Approval)));
        Assert.True(Answers(Approval with { Verdict = DecisionVerdict.Reject }, TakenDecision.Of(Approval)));
    }

    [Theory]
    [InlineData(FlowStates.Failed, false, true)]
    [InlineData(FlowStates.Cancelled, false, true)]
    [InlineData(FlowStates.Failed, true, false)]
    [InlineData(FlowStates.Cancelled, true, false)]
    [InlineData(FlowStates.Done, false, false)]
    [InlineData(FlowStates.Incoming, false, false)]
    public void A_retry_revives_what_has_failed_or_was_cancelled_unless_it_still_is(string state, bool isCancelled, bool revives)
    {
        var retry = Approval with { Verdict = DecisionVerdict.Retry };

        Assert.Equal(revives, DecisionRules.Revives(retry, null, 3, state, isCancelled));
        Assert.False(DecisionRules.Revives(retry, TakenDecision.Of(retry), 3, state, isCancelled));
        Assert.False(DecisionRules.Revives(retry, null, 4, state, isCancelled));
        Assert.False(DecisionRules.Revives(Approval, null, 3, state, isCancelled));
        Assert.False(DecisionRules.Revives(null, null, 3, state, isCancelled));
    }

    private static bool Answers(TaskDecision? decision, TakenDecision? last = null) => DecisionRules.Answers(decision, last, 3, Asked);
}
