using CsCheck;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Tests.Flows;

public sealed class FlowRulesTests
{
    private static readonly TaskPullRequest Open = new() { Number = 7, State = PullRequestState.Open };
    private static readonly TaskPullRequest Merged = Open with { State = PullRequestState.Merged };
    private static readonly TaskPullRequest Closed = Open with { State = PullRequestState.Closed };

    private static readonly AgentFlowSpec Reviewed = FlowText.Flow(
        "incoming coded coder", "coded done review:@reviewer person:manual:incoming ship:merged");

    [Theory]
    [InlineData("claimed done", "The first transition must start from incoming, where every task begins.")]
    [InlineData("incoming a;incoming b;a done;b done", "A state has more than one transition out of it.")]
    [InlineData("incoming ", "A transition needs both from and to.")]
    [InlineData("incoming done; done", "A transition needs both from and to.")]
    [InlineData("incoming done;failed done", "failed -> done: no transition leaves done, failed or cancelled.")]
    [InlineData("incoming done;done done", "done -> done: no transition leaves done, failed or cancelled.")]
    [InlineData("incoming failed", "incoming -> failed: no transition leads to incoming, failed or cancelled.")]
    [InlineData("incoming cancelled", "incoming -> cancelled: no transition leads to incoming, failed or cancelled.")]
    [InlineData("incoming a;a incoming", "a -> incoming: no transition leads to incoming, failed or cancelled.")]
    [InlineData("incoming done coder", "incoming -> done: a claim moves the task to this state, so an agent's transition must not lead to done.")]
    [InlineData("incoming a;b done", "incoming -> a: there is no transition out of a.")]
    [InlineData("incoming done c:", "incoming -> done: condition c must be exactly one of agent, manual and pullRequestMerged.")]
    [InlineData("incoming done c:manual:nowhere", "incoming -> done: onFail of condition c names nowhere, which no transition leaves.")]
    [InlineData("incoming done c:manual:done", "incoming -> done: onFail of condition c names done, which no transition leaves.")]
    [InlineData("incoming done c:manual c:merged", "incoming -> done: two conditions have one name.")]
    [InlineData("incoming a;a b;b a", "A task would never be done: incoming -> a -> b -> a.")]
    [InlineData("incoming done;a a", "A task would never be done: a -> a.")]
    [InlineData("incoming a coder;a done ship:merged:a", "A task whose pull request is closed would go round with nobody at work: a -> a.")]
    [InlineData(
        "incoming a coder;a b;b done ship:merged:a", "A task whose pull request is closed would go round with nobody at work: a -> b -> a.")]
    [InlineData("incoming a;a done ship:merged", "A task whose pull request is closed would go round with nobody at work: incoming -> a -> incoming.")]
    public void A_flow_that_breaks_a_rule_says_which(string flow, string violation) =>
        Assert.Equal(violation, FlowRules.Violation(FlowText.Flow(flow.Split(';'))));

    [Theory]
    [InlineData("incoming done")]
    [InlineData("incoming a coder;a done")]
    [InlineData("incoming a coder c:manual:failed;a done c:@reviewer:a")]
    [InlineData("incoming a coder;a b;b done ship:merged:failed")]
    [InlineData("incoming a coder;a b ask:manual;b done ship:merged:a")]
    [InlineData("incoming done;left done")]
    public void A_flow_that_breaks_none_says_nothing(string flow) => Assert.Null(FlowRules.Violation(FlowText.Flow(flow.Split(';'))));

    [Fact]
    public void A_flow_without_transitions_is_not_valid() =>
        Assert.Equal("The first transition must start from incoming, where every task begins.", FlowRules.Violation(new AgentFlowSpec()));

    [Fact]
    public void A_condition_of_two_kinds_is_not_valid()
    {
        var both = new FlowCondition { Name = "c", Manual = true, PullRequestMerged = true };
        var flow = new AgentFlowSpec { Transitions = [new FlowTransition { From = "incoming", To = "done", Conditions = [both] }] };

        Assert.Equal("incoming -> done: condition c must be exactly one of agent, manual and pullRequestMerged.", FlowRules.Violation(flow));
    }

    [Fact]
    public void The_built_in_flow_is_valid_and_all_of_it_is_reached()
    {
        Assert.Null(FlowRules.Violation(DefaultFlow.Spec));
        Assert.Empty(FlowRules.Unreachable(DefaultFlow.Spec));
        Assert.Equal(["implementer"], FlowRules.Roles(DefaultFlow.Spec));
    }

    [Theory]
    [InlineData(FlowStates.Done)]
    [InlineData(FlowStates.Failed)]
    [InlineData(FlowStates.Cancelled)]
    public void Nothing_comes_after_the_last_states(string state) => Assert.IsType<FlowStep.End>(Next(Reviewed, state));

    [Fact]
    public void A_state_that_the_flow_does_not_know_is_astray() => Assert.IsType<FlowStep.Stray>(Next(Reviewed, "elsewhere"));

    [Fact]
    public void An_agent_s_transition_is_work_once_its_conditions_are_met()
    {
        var flow = FlowText.Flow("incoming a coder ask:manual", "a done");

        Assert.Equal("ask", Assert.IsType<FlowStep.Ask>(Next(flow, "incoming")).Condition.Name);
        Assert.Equal("coder", Assert.IsType<FlowStep.Work>(Next(flow, "incoming", passed: ["ask"])).Transition.Agent);
    }

    [Fact]
    public void Conditions_are_met_one_at_a_time_in_their_order()
    {
        Assert.Equal("review", Assert.IsType<FlowStep.Review>(Next(Reviewed, "coded", Open)).Condition.Name);
        Assert.Equal("person", Assert.IsType<FlowStep.Ask>(Next(Reviewed, "coded", Open, "review")).Condition.Name);
        Assert.Equal("ship", Assert.IsType<FlowStep.Merge>(Next(Reviewed, "coded", Open, "review", "person")).Condition.Name);
        Assert.Equal("review", Assert.IsType<FlowStep.Review>(Next(Reviewed, "coded", Open, "person", "ship")).Condition.Name);
        Assert.Equal(FlowStates.Done, Assert.IsType<FlowStep.Move>(Next(Reviewed, "coded", Open, "review", "person", "ship")).To);
    }

    [Fact]
    public void A_merge_is_asked_of_an_open_pull_request_alone()
    {
        string[] before = ["review", "person"];

        Assert.IsType<FlowStep.Move>(Next(Reviewed, "coded", null, before));
        Assert.IsType<FlowStep.Move>(Next(Reviewed, "coded", Merged, before));
        Assert.IsType<FlowStep.Merge>(Next(Reviewed, "coded", Open, before));
        Assert.Equal("ship", Assert.IsType<FlowStep.Back>(Next(Reviewed, "coded", Closed, before)).Condition.Name);
    }

    [Fact]
    public void A_closed_pull_request_sends_nothing_back_before_its_turn_and_a_merged_one_skips_no_review() =>
        Assert.All([Closed, Merged], pullRequest => Assert.IsType<FlowStep.Review>(Next(Reviewed, "coded", pullRequest)));

    [Fact]
    public void States_that_only_a_rejection_leads_to_are_reached_and_others_are_named()
    {
        var flow = FlowText.Flow("incoming a coder", "a done review:@reviewer:repair", "repair a fixer", "left behind", "behind done");

        Assert.Equal(["left", "behind"], FlowRules.Unreachable(flow));
    }

    [Fact]
    public void Roles_are_those_of_transitions_and_reviews_each_once() => Assert.Equal(
        ["reviewer", "coder", "tester"],
        FlowRules.Roles(FlowText.Flow("incoming a coder plan:@reviewer", "a b", "b c tester", "c done look:@reviewer code:@coder ship:merged")));

    [Fact]
    public void A_condition_is_found_in_the_state_that_it_is_waited_for_in()
    {
        Assert.Equal("reviewer", FlowRules.Find(Reviewed, "coded", "review")?.Agent);
        Assert.Null(FlowRules.Find(Reviewed, "incoming", "review"));
        Assert.Null(FlowRules.Find(Reviewed, "coded", "gone"));
        Assert.Null(FlowRules.Find(null, "coded", "review"));
    }

    [Theory]
    [InlineData("incoming", 3)]
    [InlineData("claimed", 2)]
    [InlineData("provisional", 1)]
    [InlineData("done", 0)]
    [InlineData("elsewhere", 0)]
    public void Steps_to_done_are_counted(string state, int steps) => Assert.Equal(steps, FlowRules.StepsToDone(DefaultFlow.Spec, state));

    [Fact]
    public void Steps_to_done_are_bounded_where_a_flow_goes_in_a_circle() =>
        Assert.Equal(2, FlowRules.StepsToDone(FlowText.Flow("incoming a", "a incoming"), "incoming"));

    [Fact]
    public void From_every_state_of_a_valid_flow_a_task_whose_conditions_are_met_is_done_within_as_many_steps_as_it_has_transitions() =>
        RandomFlow.Valid.Sample(flow =>
        {
            foreach (var start in flow.Transitions.Select(t => t.From))
            {
                var (state, steps, pullRequest) = (start, 0, Open);
                var passed = new List<string>();
                while (state != FlowStates.Done)
                {
                    switch (Next(flow, state, pullRequest, [.. passed]))
                    {
                        case FlowStep.Review { Condition: var review }: passed.Add(review.Name); break;
                        case FlowStep.Ask { Condition: var asked }: passed.Add(asked.Name); break;
                        case FlowStep.Merge: pullRequest = Merged; break;
                        case FlowStep.Work { Transition: var work }: Enter(work.To); break;
                        case FlowStep.Move { To: var to }: Enter(to); break;
                        case var step: Assert.Fail($"{step} in {state}"); break;
                    }

                    Assert.True(steps <= flow.Transitions.Count);
                }

                Assert.Equal(steps, FlowRules.StepsToDone(flow, start));

                void Enter(string next)
                {
                    (state, steps) = (next, steps + 1);
                    passed.Clear();
                }
            }
        }, iter: 2_000);

    [Fact]
    public void A_task_of_a_valid_flow_whose_pull_request_is_closed_comes_to_rest() =>
        RandomFlow.Valid.Sample(flow =>
        {
            foreach (var start in flow.Transitions.Select(t => t.From))
            {
                var state = start;
                for (var steps = 0; Next(flow, state, Closed) is FlowStep.Move or FlowStep.Back; steps++)
                {
                    Assert.True(steps <= flow.Transitions.Count);
                    state = Next(flow, state, Closed) switch
                    {
                        FlowStep.Move { To: var to } => to,
                        FlowStep.Back { Condition: var condition } => condition.OnFail,
                        _ => state,
                    };
                }
            }
        }, iter: 2_000);

    private static FlowStep Next(AgentFlowSpec flow, string state, TaskPullRequest? pullRequest = null, params string[] passed) =>
        FlowRules.Next(flow, state, [.. passed.Select(name => new PassedCondition { Condition = name })], pullRequest);
}
