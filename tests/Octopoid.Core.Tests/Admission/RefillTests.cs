using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>Which claims had to wait for a slot that the same cycle gave back.</summary>
public sealed class RefillTests
{
    private readonly Cycles _cycles = new();

    [Fact]
    public void The_next_task_of_a_full_blueprint_had_to()
    {
        Begin(maxConcurrent: 9);
        Start(Given.Task("a"));
        End("a");
        See(Given.Task("b"), Given.Task("reviewed", flow: "review"));

        Assert.Equal([("b", true), ("reviewed", false)], Claims());
    }

    [Fact]
    public void In_a_full_cluster_a_slot_of_any_blueprint_will_do_for_one()
    {
        Begin(maxConcurrent: 2);
        Start(Given.Task("a"));
        Start(Given.Task("first", flow: "review"));
        End("a");
        See(Given.Task("second", flow: "review"), Given.Task("third", flow: "review"));

        Assert.Equal([("second", true)], Claims());
    }

    [Fact]
    public void Where_there_was_room_nothing_was_waited_for()
    {
        Begin(maxConcurrent: 9);
        Start(Given.Task("first", flow: "review"));
        End("first");
        See(Given.Task("second", flow: "review"));

        Assert.Equal([("second", false)], Claims());
    }

    [Fact]
    public void A_claim_that_was_refused_has_given_no_slot_back()
    {
        Begin(maxConcurrent: 9);
        See(Given.Task("a"));
        Assert.Single(Claims());
        _cycles.Tell(new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));
        See(Given.Task("b"));

        Assert.Equal([("b", false)], Claims());
    }

    private void Begin(int maxConcurrent) => _cycles.Tell(
        new Fact.OrchestratorSeen(Given.Orchestrator(maxConcurrent)),
        new Fact.FlowSeen(null, new AgentFlow
        {
            Metadata = new ObjectMeta { Name = "review", Namespace = Given.Namespace },
            Spec = new AgentFlowSpec { Transitions = Given.Transitions("reviewer") },
        }),
        new Fact.BlueprintSeen(null, Given.Blueprint()),
        new Fact.BlueprintSeen(null, Given.Blueprint("reviewer", maxInstances: 5)));

    private void See(params IEnumerable<ObservedTask> tasks) => _cycles.Tell([.. tasks.Select(task => new Fact.TaskSeen(null, task))]);

    private void Start(ObservedTask task)
    {
        See(task);
        Assert.Single(Claims());
    }

    /// <summary>The claim lands, and the task is deleted before its Job is made, which gives its slot back.</summary>
    private void End(string name)
    {
        _cycles.Land(Given.Task(name));
        _cycles.Tell(new Fact.TaskSeen(Given.Claimed(Given.Task(name)), null));
    }

    private IEnumerable<(string, bool)> Claims() =>
        _cycles.Run().OfType<Decision.Claim>().Select(claim => (claim.Task.Metadata.Name, claim.IsRefill)).Order();
}
