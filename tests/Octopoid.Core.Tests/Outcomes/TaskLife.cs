using System.Text.Json;
using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Core.Tests.Kinds;

namespace Octopoid.Core.Tests.Outcomes;

/// <summary>A task that is claimed, ends its attempts and is decided on, its status what the operator would write.</summary>
internal sealed class TaskLife(AgentFlowSpec? flow, RetryPolicy? retry = null, AgentTaskStatus? status = null)
{
    public AgentFlowSpec? Flow { get; set; } = flow;

    public AgentTask Task { get; private set; } = new()
    {
        Metadata = new ObjectMeta { Name = "a", Namespace = Given.Namespace, Uid = "uid-a", Generation = 1 },
        Status = status ?? new AgentTaskStatus { State = FlowStates.Incoming },
    };

    public DateTimeOffset Now { get; private set; } = Given.Noon;

    public AgentTaskStatus Status => Task.Status!;

    public string State => Status.State!;

    public Condition? Condition(string type) => Status.Conditions?.SingleOrDefault(condition => condition.Type == type);

    public IEnumerable<string> History => (Status.History ?? []).Select(change => $"{change.From} {change.To} {change.Attempt} {change.Reason}");

    /// <summary>Claims what the flow asks for next; false when that is no agent's.</summary>
    public bool TryClaim()
    {
        var next = FlowRules.Next(Flow!, State, Status.Passed, Status.PullRequest);
        if (Status.Claim is not null || next is not (FlowStep.Work or FlowStep.Review))
        {
            return false;
        }

        Now += TimeSpan.FromSeconds(10);
        var attempt = (Status.Attempt ?? 0) + 1;
        Write(Status with
        {
            State = next is FlowStep.Work { Transition: var transition } ? transition.To : State,
            Attempt = attempt,
            ClaimedBy = "agent",
            NextEligibleTime = null,
            Claim = new TaskClaim
            {
                Blueprint = "agent",
                Attempt = attempt,
                JobName = $"a-{attempt}",
                ClaimedAt = Now,
                Holder = "me",
                From = State,
                Condition = (next as FlowStep.Review)?.Condition.Name,
            },
            Conditions = TaskStatusAfter.Claim(Status.Conditions, "agent", attempt, 1, Now),
        });
        return true;
    }

    /// <summary>Claims, and ends the attempt.</summary>
    public TaskLife Run(AttemptEnd end)
    {
        Assert.True(TryClaim(), $"nobody can work in {State}");
        return End(end);
    }

    public TaskLife End(AttemptEnd end)
    {
        Now += TimeSpan.FromSeconds(10);
        Write(TaskStatusAfter.Finish(Task, end, Flow, retry ?? new RetryPolicy(), Now));
        return this;
    }

    public TaskLife Say(DecisionVerdict verdict, string? comment = null, string? condition = null, int? attempt = null)
    {
        Task = Task with
        {
            Spec = Task.Spec with
            {
                Decision = new TaskDecision { Attempt = attempt ?? Status.Attempt ?? 0, Verdict = verdict, Comment = comment, Condition = condition },
            },
        };
        return this;
    }

    public TaskLife Cancel(bool isCancelled = true)
    {
        Task = Task with { Spec = Task.Spec with { Cancel = isCancelled } };
        return this;
    }

    /// <summary>Has the status written that is due; false when none is.</summary>
    public bool Settle(Condition? claimable = null, SeenPullRequest? seen = null, bool hasForge = false, ObservedTask? asSeen = null)
    {
        Now += TimeSpan.FromSeconds(10);
        if (TaskSettlement.Of(Task, new Decision.Settle(asSeen ?? ObservedTask.From(Task), Flow, claimable) { PullRequest = seen, HasForge = hasForge }, (retry ?? new RetryPolicy()).MaxRejections, Now) is not { } after)
        {
            return false;
        }

        Write(after);
        return true;
    }

    /// <summary>Whether the state would have the status written, which must be so only when it can be.</summary>
    public bool IsDue(DateTimeOffset? now = null) => Eligibility.Of(
        ObservedTask.From(Task), Flow is null ? null : new Declarations.Flow(Flow, null), default, true, null, now ?? Now) is Eligibility.Due;

    private void Write(AgentTaskStatus after)
    {
        Assert.Empty(Contradictions(after));
        Assert.Empty(SchemaLimits.Broken(JsonSerializer.SerializeToElement(after, KindsJson.Default.AgentTaskStatus)));
        if (State == FlowStates.Done)
        {
            Assert.Equal(FlowStates.Done, after.State);
        }

        var isClaim = Status.Claim is null && after.Claim is not null;
        Assert.Equal((Status.Attempt ?? 0) + (isClaim ? 1 : 0), after.Attempt ?? 0);
        Task = Task with { Status = after };
    }

    /// <summary>What a status says that cannot be so.</summary>
    private IEnumerable<string> Contradictions(AgentTaskStatus status)
    {
        var (state, claim) = (status.State!, status.Claim);
        var waits = claim is { Condition: null } ? claim.From! : state;
        var conditions = status.Conditions ?? [];
        if (Flow is not null && !FlowRules.IsTerminal(state) && Flow.Transitions.All(t => t.From != state))
        {
            yield return $"{state} is not in the flow";
        }

        if (Flow is not null && status.Passed?.Any(met => FlowRules.Find(Flow, waits, met.Condition!) is null) == true)
        {
            yield return $"passed {string.Join(", ", status.Passed.Select(met => met.Condition))} in {waits}";
        }

        if (conditions.DistinctBy(condition => condition.Type).Count() < conditions.Count)
        {
            yield return "two conditions of one type";
        }

        var expected = new (string Type, bool IsRight)[]
        {
            (ConditionTypes.Running, Said(ConditionTypes.Running) == ConditionStatus.True == (claim is not null)),
            (ConditionTypes.Complete, Said(ConditionTypes.Complete) == (state switch
            {
                FlowStates.Done => ConditionStatus.True, FlowStates.Cancelled => ConditionStatus.False, _ => null,
            })),
            (ConditionTypes.Failed, Said(ConditionTypes.Failed) == (state == FlowStates.Failed ? ConditionStatus.True : null)),
            (ConditionTypes.Claimable, Said(ConditionTypes.Claimable) is null || (claim is null && !FlowRules.IsTerminal(state))),
            ("claimedBy", status.ClaimedBy is null == (claim is null)),
            ("nextEligibleTime", status.NextEligibleTime is null || (claim is null && !FlowRules.IsTerminal(state))),
        };
        foreach (var wrong in expected.Where(one => !one.IsRight))
        {
            yield return $"{wrong.Type} is wrong in {state}, {(claim is null ? "free" : "claimed")}";
        }

        ConditionStatus? Said(string type) => conditions.FirstOrDefault(condition => condition.Type == type)?.Status;
    }
}
