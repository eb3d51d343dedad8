using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>What a leader finds when it begins, left by one before it.</summary>
public sealed class TakeoverTests
{
    private readonly Cycles _cycles = new();

    public TakeoverTests() => _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator()), new Fact.BlueprintSeen(null, Given.Blueprint()));

    [Fact]
    public void A_claim_found_at_start_takes_its_slot_and_gets_its_Job_but_is_not_claimed_again()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.TaskSeen(null, Given.Task("b")));

        var create = _cycles.One<Decision.CreateJob>();
        Assert.Equal(("uid-a", 1), (create.Slot.TaskUid, create.Slot.Attempt));
    }

    [Fact]
    public void A_claim_found_at_start_whose_Job_runs_costs_no_write()
    {
        _cycles.Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a")),
            new Fact.PodSeen(null, Given.Pod("uid-a")));

        Assert.Empty(_cycles.Run());
        Assert.Equal(1, _cycles.State.Ledger.Count);
    }

    [Fact]
    public void Finished_tasks_found_at_start_take_no_slot_and_cost_no_write()
    {
        for (var i = 0; i < 1000; i++)
        {
            _cycles.Tell(new Fact.TaskSeen(null, Given.Task($"t{i}", status: new ObservedTask.TaskStatus { State = "done", Attempt = 1 })));
        }

        Assert.Empty(_cycles.Run());
        Assert.Equal(0, _cycles.State.Ledger.Count);
    }

    [Fact]
    public void A_young_claim_without_a_Job_whose_pod_was_seen_gets_no_second_one()
    {
        var pod = Given.Pod("uid-a");
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.PodSeen(null, pod));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.PodSeen(pod, Given.Succeeded("uid-a")));
        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);
    }

    [Fact]
    public void A_claim_of_an_impossible_time_harms_nobody()
    {
        var task = Given.Claimed(Given.Task("a"));
        var far = task with { Status = task.Status! with { Claim = task.Status.Claim! with { ClaimedAt = DateTimeOffset.MaxValue } } };
        _cycles.Tell(new Fact.TaskSeen(null, far));

        _cycles.One<Decision.CreateJob>();
    }

    [Fact]
    public void What_runs_at_the_start_holds_a_slot_though_no_claim_speaks_of_it()
    {
        var (gone, unclaimed) = (Given.Pod("uid-gone"), Given.Job("uid-a"));
        _cycles.Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator(2)),
            new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 5)),
            new Fact.TaskSeen(null, Given.Task("a")),
            new Fact.TaskSeen(null, Given.Task("b")),
            new Fact.JobSeen(null, unclaimed),
            new Fact.PodSeen(null, gone));

        // What serves no claim has nobody to report to. Without a task it is the garbage collector's.
        Assert.Equal("uid-a", _cycles.One<Decision.DeleteJob>().Slot.TaskUid);
        Assert.Equal(2, _cycles.State.Ledger.CountOf(new NamespacedName(Given.Namespace, "implementer")));
        _cycles.Tell(new Fact.PodSeen(gone, null));
        _cycles.Confirm("uid-gone");
        Assert.Equal("b", _cycles.One<Decision.Claim>().Task.Metadata.Name);
        _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator(3)));
        Assert.Empty(_cycles.Run());
    }

    [Fact]
    public void The_pod_of_a_deleted_task_reserves_in_the_repository_that_its_label_names()
    {
        var pod = Given.Pod("uid-gone") is var seen ? seen with { Metadata = seen.Metadata with { Repository = "code" } } : null!;
        _cycles.Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator(5, maxOpenPRs: 1)),
            new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 5)),
            new Fact.RepositorySeen(null, Given.Repository()),
            new Fact.TaskSeen(null, Given.Task("a", repository: "code")),
            new Fact.PodSeen(null, pod));

        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.PodSeen(pod, null));
        _cycles.Confirm("uid-gone");
        Assert.Equal("a", _cycles.One<Decision.Claim>().Task.Metadata.Name);
    }

    [Fact]
    public void An_old_claim_found_without_a_Job_has_lost_it()
    {
        _cycles.Pass(180);
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))));
        _cycles.Confirm("uid-a");

        Assert.Equal(Reasons.Lost, _cycles.One<Decision.Finish>().End.Reason);
    }

    [Fact]
    public void A_running_Job_found_at_start_and_then_deleted_is_not_made_again_beside_its_pod()
    {
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.JobSeen(job, null));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.PodSeen(pod, null));
        _cycles.Confirm("uid-a");
        Assert.Equal(Reasons.Lost, _cycles.One<Decision.Finish>().End.Reason);
    }
}
