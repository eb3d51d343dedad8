using Octopoid.Core.Admission;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>What a self-audit finds, and what it repairs.</summary>
public sealed class AuditTests
{
    private readonly Cycles _cycles = new();

    public AuditTests() => _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator()), new Fact.BlueprintSeen(null, Given.Blueprint()));

    [Fact]
    public void An_audit_of_what_is_right_finds_nothing()
    {
        _cycles.Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator(3)),
            new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 5)),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a")),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("ended"))),
            new Fact.JobSeen(null, Given.Job("uid-ended", ended: "Complete")),
            new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Single(_cycles.Run());

        _cycles.Tell(new Fact.AuditDue());
        Assert.Empty(_cycles.State.TakeDrifts());
        Assert.Empty(_cycles.Run());
    }

    [Fact]
    public void An_audit_takes_the_slots_that_are_missing_and_looks_again_at_those_that_were_forgotten()
    {
        _cycles.Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator(5)),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a")),
            new Fact.PodSeen(null, Given.Pod("uid-gone")),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("b"))),
            new Fact.JobSeen(null, Given.Job("uid-b", ended: "Complete")),
            new Fact.PodSeen(null, Given.Succeeded("uid-b")));
        _cycles.State.Ledger.Release("uid-a");
        _cycles.State.Ledger.Release("uid-gone");
        _cycles.State.TakeTouchedSlots();

        _cycles.Tell(new Fact.AuditDue());

        Assert.Collection(
            _cycles.State.TakeDrifts(),
            drift => Assert.Equal("Task work/a is claimed but held no slot.", drift),
            drift => Assert.Matches("^Job work/gone-.*-1 runs but held no slot\\.$", drift),
            drift => Assert.Equal("The slot of task work/b was forgotten in phase Running.", drift));
        Assert.Empty(_cycles.State.TakeDrifts());
        Assert.Equal(3, _cycles.State.Ledger.Count);
        _cycles.One<Decision.Finish>();
    }
}
