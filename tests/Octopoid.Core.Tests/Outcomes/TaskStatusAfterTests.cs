using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.Tests.Flows;

namespace Octopoid.Core.Tests.Outcomes;

public sealed class TaskStatusAfterTests
{
    private static readonly AttemptEnd Success = new(AttemptOutcome.Done, null, Reasons.Succeeded, "")
    {
        Result = new AgentResult { Outcome = AttemptOutcome.Done, Branch = "agent/a", HeadSHA = "abc", Commits = 2 },
    };

    private static readonly AttemptEnd Opened = Success with
    {
        Result = new AgentResult { Outcome = AttemptOutcome.Done, PullRequestNumber = 12, HeadSHA = "abc" },
    };

    private static readonly AttemptEnd Continuation = new(AttemptOutcome.NeedsContinuation, null, Reasons.NeedsContinuation, "half done");

    private static readonly AgentFlowSpec Reviewed = FlowText.Flow("incoming coded coder", "coded done style:@reviewer security:@reviewer ship:merged");

    [Fact]
    public void Success_takes_the_task_through_every_state_that_needs_nobody()
    {
        var after = Finish(Success);

        Assert.Equal(FlowStates.Done, after.State);
        Assert.Null(after.Claim);
        Assert.Null(after.ClaimedBy);
        Assert.Contains(after.Conditions!, c => c is { Type: ConditionTypes.Complete, Status: ConditionStatus.True });
        Assert.Contains(after.Conditions!, c => c is { Type: ConditionTypes.Running, Status: ConditionStatus.False });
        Assert.Equal([("incoming", "claimed"), ("claimed", "provisional"), ("provisional", "done")], after.History!.Select(h => (h.From!, h.To!)));
        Assert.Equal(("agent/a", "abc", 2), (after.Attempts![0].Branch, after.Attempts[0].HeadSHA, after.Attempts[0].Commits));
    }

    [Fact]
    public void An_open_pull_request_holds_the_task_before_done()
    {
        var opened = new AgentResult { Outcome = AttemptOutcome.Done, PullRequestNumber = 12, PullRequestUrl = "u" };
        var after = Finish(Success with { Result = opened });

        Assert.Equal("provisional", after.State);
        Assert.Equal((12, PullRequestState.Open), (after.PullRequest!.Number, after.PullRequest.State));
    }

    [Theory]
    [InlineData(0, FlowStates.Incoming, 30)]
    [InlineData(1, FlowStates.Incoming, 60)]
    [InlineData(2, FlowStates.Failed, null)]
    public void A_failure_returns_the_task_with_growing_back_off_until_its_attempts_are_used_up(int before, string state, int? seconds)
    {
        var after = Finish(AttemptEnd.Failure(Reasons.ExitCode, "exit 1"), new AgentTaskStatus { Failures = before });

        Assert.Equal((state, before + 1), (after.State, after.Failures));
        Assert.Equal(seconds is null ? null : Given.Noon.AddSeconds(seconds.Value), after.NextEligibleTime);
        Assert.Equal("exit 1", after.Feedback);
    }

    [Fact]
    public void An_infrastructure_failure_is_counted_apart()
    {
        var after = Finish(AttemptEnd.Infrastructure(Reasons.Disrupted, "evicted"), new AgentTaskStatus { Failures = 2 });

        Assert.Equal((FlowStates.Incoming, 2, 1), (after.State, after.Failures, after.InfrastructureRetries));
    }

    [Fact]
    public void The_longest_back_off_holds_after_many_failures()
    {
        var after = Finish(
            AttemptEnd.Infrastructure(Reasons.Disrupted, ""), new AgentTaskStatus { InfrastructureRetries = 90 }, new RetryPolicy(MaxInfrastructureRetries: 100));

        Assert.Equal(Given.Noon.AddSeconds(900), after.NextEligibleTime);
    }

    [Fact]
    public void Continuations_are_counted_apart_and_start_at_once()
    {
        var end = new AttemptEnd(AttemptOutcome.NeedsContinuation, null, Reasons.NeedsContinuation, "half done");

        Assert.Equal((FlowStates.Incoming, 1, null), State(Finish(end)));
        Assert.Equal((FlowStates.Failed, 4, null), State(Finish(end, new AgentTaskStatus { Continuations = 3 })));
        static (string?, int?, DateTimeOffset?) State(AgentTaskStatus s) => (s.State, s.Continuations, s.NextEligibleTime);
    }

    [Fact]
    public void A_cancelled_attempt_leaves_its_task_cancelled()
    {
        var after = Finish(AttemptEnd.Cancelled());

        Assert.Equal((FlowStates.Cancelled, null), (after.State, after.Claim));
        Assert.Equal(AttemptOutcome.Cancelled, after.Attempts![0].Outcome);
        Assert.Contains(after.Conditions!, c => c is { Type: ConditionTypes.Running, Status: ConditionStatus.False, Reason: Reasons.Cancelled });
    }

    [Fact]
    public void Only_the_newest_ten_attempts_are_kept()
    {
        var attempts = Enumerable.Range(1, 10).Select(n => new TaskAttempt { Number = n }).ToList();
        var after = Finish(Success, new AgentTaskStatus { Attempts = attempts, Attempt = 11 });

        Assert.Equal(Enumerable.Range(2, 10), after.Attempts!.Select(a => a.Number!.Value));
    }

    [Fact]
    public void A_condition_s_time_changes_with_its_status_alone()
    {
        var running = TaskStatusAfter.Claim(null, "implementer", 1, 1, Given.Noon);
        var again = TaskStatusAfter.Claim(running, "implementer", 2, 1, Given.Noon.AddHours(1));

        Assert.Equal(Given.Noon, again.Single().LastTransitionTime);
        Assert.Equal("Attempt 2 is an instance of implementer.", again.Single().Message);
    }

    [Fact]
    public void Reviews_of_several_stages_leave_the_state_until_the_last_has_approved()
    {
        var life = new TaskLife(Reviewed).Run(Opened);
        Assert.Equal(("coded", "coded"), (life.State, life.Status.Attempts![0].State));

        life.Run(Approval("def"));
        Assert.Equal("coded", life.State);
        Assert.Equal([new PassedCondition { Condition = "style", Attempt = 2, HeadSHA = "def" }], life.Status.Passed);
        Assert.Equal(("style", AttemptOutcome.Approved, "coded"), (life.Status.Attempts![1].Condition, life.Status.Attempts[1].Outcome, life.Status.Attempts[1].State));

        life.Run(Approval(null));
        Assert.Equal([2, 3], life.Status.Passed!.Select(met => met.Attempt!.Value));
        Assert.Equal("abc", life.Status.Passed![1].HeadSHA);
        Assert.Equal(Reasons.AwaitsMerge, life.Condition(ConditionTypes.Claimable)!.Reason);
        Assert.Equal(["incoming coded 1 AttemptRunning"], life.History);
    }

    [Fact]
    public void A_rejection_sends_the_task_back_with_the_comment_and_takes_back_what_was_passed()
    {
        var life = new TaskLife(Reviewed).Run(Opened).Run(Approval("abc")).Run(Rejection("Tests are missing."));

        Assert.Equal((FlowStates.Incoming, "Tests are missing.", 1), (life.State, life.Status.Feedback, life.Status.Rejections));
        Assert.Null(life.Status.Passed);
        Assert.Equal(["incoming coded 1 AttemptRunning", "coded incoming 3 Rejected"], life.History);
        Assert.Null(life.Status.NextEligibleTime);

        life.Run(Opened);
        Assert.Null(life.Status.Feedback);
        Assert.Equal("style", Assert.IsType<FlowStep.Review>(FlowRules.Next(Reviewed, life.State, life.Status.Passed, life.Status.PullRequest)).Condition.Name);
    }

    [Fact]
    public void A_rejection_leads_where_the_condition_says()
    {
        Assert.Equal("repair", new TaskLife(FlowText.Flow("incoming coded coder", "coded done look:@reviewer:repair", "repair coded fixer")).Run(Opened).Run(Rejection("no")).State);

        var failed = new TaskLife(FlowText.Flow("incoming coded coder", "coded done look:@reviewer:failed")).Run(Opened).Run(Rejection("no"));
        Assert.Equal((FlowStates.Failed, Reasons.Rejected), (failed.State, failed.Condition(ConditionTypes.Failed)!.Reason));
    }

    [Fact]
    public void Rejections_are_counted_for_life_and_bounded()
    {
        var life = new TaskLife(Reviewed, new RetryPolicy(MaxRejections: 2));
        life.Run(Opened).Run(Rejection("one")).Run(Opened).Run(Rejection("two")).Run(Opened);
        Assert.Equal("coded", life.State);
        life.Run(Rejection("three"));

        Assert.Equal((FlowStates.Failed, 3, "three"), (life.State, life.Status.Rejections, life.Status.Feedback));
        var failed = life.Condition(ConditionTypes.Failed)!;
        Assert.Equal((Reasons.RejectionLimit, "It was rejected 3 times; 2 are allowed."), (failed.Reason, failed.Message));

        // For life: a retry gives no new ones.
        Assert.True(life.Say(DecisionVerdict.Retry).Settle());
        life.Run(Opened).Run(Rejection("four"));
        Assert.Equal((FlowStates.Failed, 4), (life.State, life.Status.Rejections));
    }

    [Fact]
    public void Agents_are_not_sent_for_ever_to_work_whose_pull_request_stays_closed()
    {
        var life = new TaskLife(DefaultFlow.Spec, new RetryPolicy(MaxRejections: 2)).Run(Opened).Say(DecisionVerdict.Reject);
        Assert.True(life.Settle());
        var runs = 0;
        while (life.TryClaim())
        {
            Assert.True(++runs < 10);
            life.End(Success);
        }

        Assert.Equal((2, FlowStates.Failed, Reasons.RejectionLimit), (runs, life.State, life.Condition(ConditionTypes.Failed)!.Reason));
    }

    [Fact]
    public void An_infrastructure_failure_keeps_a_reviewer_s_feedback()
    {
        var life = new TaskLife(Reviewed).Run(Opened).Run(Rejection("Tests are missing.")).Run(AttemptEnd.Infrastructure(Reasons.Disrupted, "evicted"));

        Assert.Equal("Tests are missing.", life.Status.Feedback);
        Assert.Equal("exit 1\n\nTests are missing.", life.Run(AttemptEnd.Failure(Reasons.ExitCode, "exit 1")).Status.Feedback);
    }

    [Fact]
    public void A_review_that_fails_stays_in_its_state_with_what_was_passed()
    {
        var life = new TaskLife(Reviewed).Run(Opened).Run(Approval("abc")).Run(AttemptEnd.Failure(Reasons.NoVerdict, "neither"));

        Assert.Equal(("coded", 1, 1), (life.State, life.Status.Failures, life.Status.Passed!.Count));
        Assert.NotNull(life.Status.NextEligibleTime);
        Assert.Equal(0, life.Run(Approval("abc")).Status.Failures);
    }

    [Fact]
    public void A_review_that_fails_too_often_fails_its_task()
    {
        var life = new TaskLife(Reviewed, new RetryPolicy(MaxAttempts: 1)).Run(Opened).Run(Approval("abc")).Run(AttemptEnd.Failure(Reasons.NoVerdict, "neither"));

        Assert.Equal((FlowStates.Failed, Reasons.NoVerdict), (life.State, life.Condition(ConditionTypes.Failed)!.Reason));
        Assert.Null(life.Status.Passed);
        Assert.Equal(["incoming coded 1 AttemptRunning", "coded failed 3 NoVerdict"], life.History);
    }

    [Theory]
    [InlineData(2046, 2048)]
    [InlineData(2047, 2047)]
    [InlineData(2048, 2048)]
    public void Feedback_is_cut_but_not_within_a_character(int before, int kept)
    {
        // The octopus is two UTF-16 units, the second of which is beyond the limit when 2,047 come before it.
        var life = new TaskLife(Reviewed).Run(Opened).Run(Rejection(new string('x', before) + "\U0001F419 more"));

        Assert.Equal((kept, before < 2047), (life.Status.Feedback!.Length, life.Status.Feedback.EndsWith("\U0001F419", StringComparison.Ordinal)));
    }

    [Fact]
    public void Budgets_begin_again_in_another_state()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded tested tester", "tested done"));
        life.Run(AttemptEnd.Failure(Reasons.ExitCode, "")).Run(AttemptEnd.Infrastructure(Reasons.Disrupted, "")).Run(Continuation);
        Assert.Equal((1, 1, 1), Budgets(life));
        life.Run(Success);

        Assert.Equal((0, 0, 0), Budgets(life));
        Assert.Equal("coded", life.State);
        life.Run(AttemptEnd.Failure(Reasons.ExitCode, "")).Run(AttemptEnd.Failure(Reasons.ExitCode, ""));
        Assert.Equal(("coded", (2, 0, 0)), (life.State, Budgets(life)));
        static (int?, int?, int?) Budgets(TaskLife life) => (life.Status.Failures, life.Status.InfrastructureRetries, life.Status.Continuations);
    }

    [Fact]
    public void An_attempt_that_is_made_again_returns_to_where_its_claim_was_from_though_the_flow_was_edited()
    {
        var life = new TaskLife(FlowText.Flow("incoming ready", "ready coded coder", "coded done"), status: new AgentTaskStatus { State = "ready" });
        Assert.True(life.TryClaim());
        life.Flow = null;
        life.End(AttemptEnd.Failure(Reasons.ExitCode, ""));

        Assert.Equal("ready", life.State);
        Assert.Empty(life.History);
    }

    [Fact]
    public void Work_that_is_done_while_its_flow_is_gone_waits_in_its_state()
    {
        var life = new TaskLife(DefaultFlow.Spec);
        Assert.True(life.TryClaim());
        life.Flow = null;
        life.End(Success);

        Assert.Equal("claimed", life.State);
        Assert.Equal(["incoming claimed 1 AttemptRunning"], life.History);
        life.Flow = DefaultFlow.Spec;
        Assert.True(life.Settle());
        Assert.Equal(FlowStates.Done, life.State);
    }

    [Fact]
    public void A_verdict_on_a_condition_that_is_gone_is_no_other_s()
    {
        foreach (var (end, state) in new[] { (Approval("abc"), "coded"), (Rejection("no"), FlowStates.Incoming) })
        {
            var life = new TaskLife(Reviewed).Run(Opened);
            Assert.True(life.TryClaim());
            life.Flow = FlowText.Flow("incoming coded coder", "coded done security:@reviewer:failed");
            life.End(end);

            Assert.Equal(state, life.State);
            Assert.True(life.Status.Passed is null or { Count: 0 });
        }
    }

    [Fact]
    public void The_head_of_an_open_pull_request_moves_with_the_work_on_it()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded done ship:manual keep:manual")).Run(Opened).Say(DecisionVerdict.Reject);
        Assert.True(life.Settle());
        life.Run(Success with { Result = new AgentResult { Outcome = AttemptOutcome.Done, HeadSHA = "new" } });
        Assert.Equal((12L, "new"), (life.Status.PullRequest!.Number, life.Status.PullRequest.HeadSHA));

        Assert.True(life.Say(DecisionVerdict.Approve).Settle());
        Assert.Equal("new", life.Status.Passed!.Single().HeadSHA);
    }

    [Fact]
    public void Only_the_newest_fifty_changes_are_kept()
    {
        var life = new TaskLife(FlowText.Flow("incoming coded coder", "coded done ship:manual"));
        for (var round = 0; round < 30; round++)
        {
            Assert.True(life.Run(Success).Say(DecisionVerdict.Reject).Settle());
        }

        Assert.Equal(50, life.History.Count());
        Assert.Equal(["incoming coded 30 AttemptRunning", "coded incoming 30 Rejected"], life.History.TakeLast(2));
        Assert.Equal("incoming coded 6 AttemptRunning", life.History.First());
    }

    [Fact]
    public void A_step_taken_by_a_claim_is_dated_by_the_claim()
    {
        var life = new TaskLife(DefaultFlow.Spec);
        Assert.True(life.TryClaim());
        var claimedAt = life.Status.Claim!.ClaimedAt;
        life.End(Success);

        Assert.Equal(claimedAt, life.Status.History![0].Time);
        Assert.Equal(life.Now, life.Status.History[1].Time);
    }

    [Fact]
    public void A_cancelled_review_cancels_its_task()
    {
        var life = new TaskLife(Reviewed).Run(Opened).Run(AttemptEnd.Cancelled());

        Assert.Equal(FlowStates.Cancelled, life.State);
        Assert.Equal(["incoming coded 1 AttemptRunning", "coded cancelled 2 Cancelled"], life.History);
    }

    private static AttemptEnd Approval(string? head) => new(AttemptOutcome.Approved, null, Reasons.Approved, "")
    {
        Result = new AgentResult { Outcome = AttemptOutcome.Approved, HeadSHA = head },
    };

    private static AttemptEnd Rejection(string comment) => new(AttemptOutcome.Rejected, null, Reasons.Rejected, comment);

    private static AgentTaskStatus Finish(AttemptEnd end, AgentTaskStatus? before = null, RetryPolicy? retry = null)
    {
        var number = before?.Attempt ?? 1;
        var task = new AgentTask
        {
            Metadata = new ObjectMeta { Name = "a", Namespace = Given.Namespace, Uid = "uid-a" },
            Status = (before ?? new AgentTaskStatus()) with
            {
                State = "claimed",
                Attempt = number,
                ClaimedBy = "implementer",
                Claim = new TaskClaim { Blueprint = "implementer", Attempt = number, From = FlowStates.Incoming, JobName = "job", ClaimedAt = Given.Noon },
            },
        };
        return TaskStatusAfter.Finish(task, end, DefaultFlow.Spec, retry ?? new RetryPolicy(), Given.Noon);
    }
}
