using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Reporting;

/// <summary>Each waiting task is in one row, under what it waits for.</summary>
public sealed class WaitingReportTests
{
    private readonly ClusterState _state = new();

    public WaitingReportTests() => See(new Fact.OrchestratorSeen(Given.Orchestrator()));

    [Fact]
    public void Tasks_that_could_start_wait_for_nothing()
    {
        See(Blueprint(Given.Blueprint(maxInstances: 2)), Seen(Given.Task("a")), Seen(Given.Task("b")));

        Assert.Equal([Row("implementer", "implementer", Reasons.Claimable, 2)], Report());
    }

    [Fact]
    public void Of_two_blueprints_of_a_role_one_that_may_start_is_enough()
    {
        See(
            Blueprint(Given.Blueprint("big", maxInstances: 0, role: "implementer")),
            Blueprint(Given.Blueprint("small", maxInstances: 1, role: "implementer")),
            Seen(Given.Task("a")));

        Assert.Equal([Row("implementer", "big,small", Reasons.Claimable, 1)], Report());
    }

    [Fact]
    public void Where_none_may_start_the_reason_is_the_blueprints()
    {
        See(Blueprint(Given.Blueprint(maxInstances: 0)), Seen(Given.Task("a")));

        Assert.Equal([Row("implementer", "implementer", Reasons.InstanceLimit, 1)], Report());
    }

    [Fact]
    public void A_repositorys_gate_holds_its_own_tasks_alone()
    {
        See(
            Blueprint(Given.Blueprint(maxInstances: 5)),
            new Fact.RepositorySeen(null, Given.Repository("full", maxOpen: 0)),
            new Fact.RepositorySeen(null, Given.Repository("free")),
            Seen(Given.Task("a", repository: "full")),
            Seen(Given.Task("b", repository: "full")),
            Seen(Given.Task("c", repository: "free")));

        Assert.Equal(
            [Row("implementer", "implementer", Reasons.Claimable, 1), Row("implementer", "implementer", Reasons.OpenPRLimit, 2)],
            Report());
    }

    [Fact]
    public void What_no_free_slot_brings_is_told_without_a_role()
    {
        See(
            Seen(Given.Task("suspended", isSuspended: true)),
            Seen(Given.Task("flowless", flow: "none")),
            Seen(Given.Task("later", status: new ObservedTask.TaskStatus { State = FlowStates.Incoming, NextEligibleTime = Given.Noon.AddMinutes(1) })),
            Seen(Given.Task("unserved")));

        Assert.Equal(
            [Row("", "", Reasons.BackOff, 1), Row("", "", Reasons.FlowMissing, 1), Row("implementer", "", Reasons.RoleUnserved, 1), Row("", "", Reasons.Suspended, 1)],
            Report());
    }

    [Fact]
    public void Whoever_waits_no_more_is_in_no_row()
    {
        var (suspended, later) = (Given.Task("suspended", isSuspended: true), Given.Task("claimed", isSuspended: true));
        See(Seen(suspended), Seen(later));

        See(new Fact.TaskSeen(suspended, null), Seen(Given.Claimed(later)));

        Assert.Empty(Report());
    }

    [Fact]
    public void What_was_refused_is_told_until_it_is_tried_again()
    {
        See(Blueprint(Given.Blueprint(maxInstances: 2)), Seen(Given.Task("claimed")), Seen(Given.Task("settled", isSuspended: true)));
        AdmissionCycle.Run(_state, Given.Noon);
        See(new Fact.ClaimRefused("uid-claimed", 1, "1", TimeSpan.FromSeconds(5)), new Fact.SettlementEnded("uid-settled", TimeSpan.FromSeconds(30)));

        Assert.Equal([Row("", "", Reasons.WriteRefused, 2)], Report());

        _state.RingAlarms(Given.Noon.AddSeconds(5));
        Assert.Equal([Row("implementer", "implementer", Reasons.Claimable, 1), Row("", "", Reasons.WriteRefused, 1)], Report());
        _state.RingAlarms(Given.Noon.AddSeconds(30));
        Assert.Equal([Row("implementer", "implementer", Reasons.Claimable, 1), Row("", "", Reasons.Suspended, 1)], Report());
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("b", "a")]
    public void The_reason_is_that_of_the_first_blueprint_by_name_whichever_was_seen_first(string first, string second)
    {
        AgentBlueprint Named(string name) => name == "a"
            ? Given.Blueprint(name, maxInstances: 0, role: "implementer")
            : Given.Blueprint(name, role: "implementer") with { Spec = Given.Blueprint(name, role: "implementer").Spec with { Paused = true } };
        See(Blueprint(Named(first)), Blueprint(Named(second)), Seen(Given.Task("t")));

        Assert.Equal([Row("implementer", "a,b", Reasons.InstanceLimit, 1)], Report());
    }

    private static Fact.BlueprintSeen Blueprint(AgentBlueprint blueprint) => new Fact.BlueprintSeen(null, blueprint);

    private static Fact.TaskSeen Seen(ObservedTask task) => new Fact.TaskSeen(null, task);

    private static WaitingReport.Row Row(string role, string blueprints, string reason, int tasks) => new(Given.Namespace, role, blueprints, reason, tasks);

    private void See(params IEnumerable<Fact> facts)
    {
        foreach (var fact in facts)
        {
            _state.Apply(fact, Given.Noon);
        }
    }

    private PullRequestGate Gate => new(_state, Given.Noon);

    private IEnumerable<WaitingReport.Row> Report() => WaitingReport.Of(
        _state, [.. _state.Blueprints.Select(blueprint => (blueprint, BlueprintReport.Of(blueprint, _state, Gate, Given.Noon)))], Gate).OrderBy(row => row.Reason, StringComparer.Ordinal);
}
