using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Core.Tests.Admission;
using Octopoid.Core.Tests.Flows;

namespace Octopoid.Core.Tests.State;

/// <summary>What waiting tasks tell of themselves, and when.</summary>
public sealed class SettlementsTests
{
    private readonly Cycles _cycles = new();

    public SettlementsTests()
    {
        // Paused, so that whatever could be claimed waits.
        _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator(isPaused: true)), new Fact.BlueprintSeen(null, Given.Blueprint()));
    }

    [Fact]
    public void A_reason_is_told_once_it_has_lasted_two_seconds()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Task("a", isSuspended: true)));
        Assert.Empty(_cycles.Run());
        Assert.Equal(_cycles.Now.AddSeconds(2), _cycles.State.NextAlarm);
        Assert.Empty(_cycles.After(1.9));
        _cycles.Pass(0.1);

        Assert.Equal((ConditionStatus.False, Reasons.Suspended, "spec.suspend is true."), Told(_cycles.One<Decision.Settle>()));
        Assert.Empty(_cycles.After(60));
    }

    [Fact]
    public void What_was_so_for_a_moment_is_not_told()
    {
        var held = Given.Task("a", isSuspended: true);
        _cycles.Tell(new Fact.TaskSeen(null, held));
        _cycles.Pass(1);
        _cycles.Tell(new Fact.TaskSeen(held, Given.Task("a")));

        Assert.Empty(_cycles.After(60));
    }

    [Fact]
    public void Another_reason_must_last_anew()
    {
        var held = Given.Task("a", isSuspended: true);
        _cycles.Tell(new Fact.TaskSeen(null, held));
        _cycles.Pass(1);
        _cycles.Tell(new Fact.TaskSeen(held, Given.Task("a", blockedBy: ["b"])));

        Assert.Empty(_cycles.After(1.5));
        _cycles.Pass(0.5);
        Assert.Equal(Reasons.DependencyMissing, Told(_cycles.One<Decision.Settle>()).Reason);
    }

    [Fact]
    public void A_sentence_alone_is_told_anew_after_thirty_seconds()
    {
        var (a, b) = (Given.Task("a"), Given.Task("b"));
        var waits = Telling(Given.Task("c", blockedBy: ["a", "b"]), Reasons.DependencyPending, "It is blocked by a and b, which are not done.");
        _cycles.Tell(new Fact.TaskSeen(null, a), new Fact.TaskSeen(null, b), new Fact.TaskSeen(null, waits));
        Assert.Empty(_cycles.After(60));

        _cycles.Tell(new Fact.TaskSeen(b, b with { Status = new ObservedTask.TaskStatus { State = FlowStates.Done } }));
        Assert.Empty(_cycles.After(29.9));
        _cycles.Pass(0.1);
        Assert.Equal("It is blocked by a, which is not done.", Told(_cycles.One<Decision.Settle>()).Message);
    }

    [Fact]
    public void What_was_told_is_taken_back_when_it_is_so_no_more_and_the_task_still_waits()
    {
        var told = Telling(Given.Task("a"), Reasons.Suspended, "spec.suspend is true.");
        _cycles.Tell(new Fact.TaskSeen(null, told));
        Assert.Empty(_cycles.After(1.9));
        _cycles.Pass(0.1);
        var claimable = Told(_cycles.One<Decision.Settle>());
        Assert.Equal((ConditionStatus.True, Reasons.Claimable), (claimable.Status, claimable.Reason));

        _cycles.Tell(
            new Fact.TaskSeen(told, Telling(Given.Task("a"), Reasons.Claimable, "It waits.", ConditionStatus.True)), new Fact.SettlementEnded("uid-a", null));
        Assert.Empty(_cycles.After(3600));
    }

    [Fact]
    public void What_was_told_is_taken_back_of_a_task_that_waits_for_its_time_too()
    {
        var told = Telling(Given.Task("a"), Reasons.DependencyPending, "It is blocked by b, which is not done.");
        _cycles.Tell(new Fact.TaskSeen(null, told with { Status = told.Status! with { NextEligibleTime = _cycles.Now.AddMinutes(15) } }));
        _cycles.Pass(2);

        Assert.Equal(ConditionStatus.True, Told(_cycles.One<Decision.Settle>()).Status);
    }

    [Fact]
    public void A_task_that_waits_for_capacity_or_time_alone_is_never_written_to()
    {
        _cycles.Tell(
            new Fact.TaskSeen(null, Given.Task("a")),
            new Fact.TaskSeen(null, Given.Task("b", status: new ObservedTask.TaskStatus { State = "incoming", NextEligibleTime = _cycles.Now.AddMinutes(5) })));

        Assert.Empty(_cycles.Run());
        for (var i = 0; i < 100; i++)
        {
            Assert.Empty(_cycles.After(30));
        }
    }

    [Fact]
    public void A_role_that_nobody_serves_is_told_and_taken_back_when_somebody_does()
    {
        var blueprint = Given.Blueprint();
        var task = Given.Task("a");
        _cycles.Tell(new Fact.TaskSeen(null, task), new Fact.BlueprintSeen(blueprint, null));
        _cycles.Pass(2);
        var told = Told(_cycles.One<Decision.Settle>());
        Assert.Equal((ConditionStatus.False, Reasons.RoleUnserved, "No AgentBlueprint serves the role implementer."), told);

        _cycles.Tell(
            new Fact.TaskSeen(task, Telling(task, told.Reason!, told.Message!)), new Fact.SettlementEnded("uid-a", null), new Fact.BlueprintSeen(null, blueprint));
        _cycles.Pass(2);
        Assert.Equal(ConditionStatus.True, Told(_cycles.One<Decision.Settle>()).Status);
    }

    [Theory]
    [InlineData("gone", "incoming", Reasons.FlowMissing, "There is no AgentFlow named gone; it may yet be applied.")]
    [InlineData(
        "broken", "incoming", Reasons.FlowInvalid, "The flow broken is not valid: The first transition must start from incoming, where every task begins.")]
    [InlineData("short", "elsewhere", Reasons.StateUnknown, "The flow short has no transition out of elsewhere.")]
    [InlineData("short", "incoming", Reasons.AwaitsDecision, "Condition ship waits for a person: set spec.decision to {attempt: 1, verdict: approve}, or reject with a comment.")]
    public void What_its_flow_keeps_a_task_waiting_for_is_told_and_not_claimed(string flow, string state, string reason, string message)
    {
        _cycles.Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator()),
            new Fact.FlowSeen(null, FlowText.Object("broken", FlowText.Flow("claimed done"))),
            new Fact.FlowSeen(null, FlowText.Object("short", FlowText.Flow("incoming done ship:manual"))),
            new Fact.TaskSeen(null, Given.Task("a", flow: flow, status: new ObservedTask.TaskStatus { State = state, Attempt = 1 })));
        _cycles.Pass(2);

        Assert.Equal((ConditionStatus.False, reason, message), Told(_cycles.One<Decision.Settle>()));
    }

    [Fact]
    public void A_circle_of_blockers_that_a_cancellation_opens_is_told_so_and_one_that_is_done_lets_go()
    {
        var (a, b) = (Given.Task("a", blockedBy: ["b"]), Given.Task("b", blockedBy: ["a"]));
        _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator()), new Fact.TaskSeen(null, a), new Fact.TaskSeen(null, b));
        _cycles.Pass(2);
        Assert.All(_cycles.Run(), decision => Assert.Equal(Reasons.DependencyCycle, Told((Decision.Settle)decision).Reason));
        _cycles.Tell(new Fact.SettlementEnded("uid-a", null), new Fact.SettlementEnded("uid-b", null));

        var over = b with { Status = new ObservedTask.TaskStatus { State = FlowStates.Cancelled } };
        _cycles.Tell(new Fact.TaskSeen(b, over));
        _cycles.Pass(2);
        Assert.Equal(("a", Reasons.DependencyFailed), (_cycles.Run().Cast<Decision.Settle>().Select(settle => (settle.Task.Metadata.Name, Told(settle).Reason!)).Single()));
        _cycles.Tell(new Fact.TaskSeen(over, b with { Status = new ObservedTask.TaskStatus { State = FlowStates.Done } }));
        Assert.Equal("a", _cycles.Run().OfType<Decision.Claim>().Single().Task.Metadata.Name);
    }

    [Fact]
    public void Sixteen_are_written_at_once_and_what_is_urgent_goes_first()
    {
        for (var i = 0; i < 30; i++)
        {
            _cycles.Tell(new Fact.TaskSeen(null, Given.Task($"t{i}", isSuspended: true)));
        }

        _cycles.Pass(2);
        var urgent = Given.Task("urgent");
        _cycles.Tell(new Fact.TaskSeen(null, urgent with { Spec = urgent.Spec with { Cancel = true } }));
        var written = _cycles.Run().Cast<Decision.Settle>().ToList();
        Assert.Equal(16, written.Count);
        Assert.Equal(("urgent", null), (written[0].Task.Metadata.Name, written[0].Claimable));

        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.TaskSeen(urgent, null), new Fact.SettlementEnded("uid-urgent", null));
        var next = _cycles.One<Decision.Settle>();
        Assert.DoesNotContain(next.Task.Metadata.Name, written.Select(settle => settle.Task.Metadata.Name));
    }

    [Fact]
    public void Nothing_is_told_of_a_claimed_task()
    {
        var held = Given.Task("a", isSuspended: true);
        _cycles.Tell(new Fact.TaskSeen(null, held));
        _cycles.Pass(1);
        _cycles.Tell(new Fact.TaskSeen(held, Given.Claimed(held)));

        Assert.DoesNotContain(_cycles.After(60), decision => decision is Decision.Settle);
    }

    [Fact]
    public void What_a_person_decides_is_written_at_once()
    {
        var task = Given.Task("a", status: new ObservedTask.TaskStatus { State = FlowStates.Failed, Attempt = 1 });
        _cycles.Tell(new Fact.TaskSeen(null, task));
        Assert.Empty(_cycles.After(60));
        var decision = new TaskDecision { Attempt = 1, Verdict = DecisionVerdict.Retry };
        _cycles.Tell(new Fact.TaskSeen(task, task with { Spec = task.Spec with { Decision = decision } }));

        Assert.Null(_cycles.One<Decision.Settle>().Claimable);
    }

    [Fact]
    public void A_clock_that_is_set_back_prolongs_no_silence()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Task("a", isSuspended: true)));
        _cycles.Pass(1);
        _cycles.SetBack(3600);
        Assert.Empty(_cycles.After(0.9));
        _cycles.Pass(0.1);

        _cycles.One<Decision.Settle>();
    }

    private static (ConditionStatus? Status, string? Reason, string? Message) Told(Decision.Settle settle) =>
        (settle.Claimable!.Status, settle.Claimable.Reason, settle.Claimable.Message);

    private static ObservedTask Telling(ObservedTask task, string reason, string message, ConditionStatus status = ConditionStatus.False) => task with
    {
        Status = task.Status! with
        {
            Conditions = [new Condition { Type = ConditionTypes.Claimable, Status = status, Reason = reason, Message = message }],
        },
    };
}
