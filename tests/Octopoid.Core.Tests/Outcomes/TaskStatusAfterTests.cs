using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;

namespace Octopoid.Core.Tests.Outcomes;

public sealed class TaskStatusAfterTests
{
    private static readonly AttemptEnd Success = new(AttemptOutcome.Done, null, Reasons.Succeeded, "")
    {
        Result = new AgentResult { Outcome = AttemptOutcome.Done, Branch = "agent/a", HeadSHA = "abc", Commits = 2 },
    };

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
