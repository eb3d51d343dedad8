using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>What becomes of a task that is cancelled, wherever it is.</summary>
public sealed class CancellationTests
{
    private readonly Cycles _cycles = new();

    public CancellationTests() => _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator()), new Fact.BlueprintSeen(null, Given.Blueprint()));

    [Fact]
    public void A_waiting_task_that_is_cancelled_is_written_so_once_and_never_claimed()
    {
        var task = Given.Task("a");
        var unwanted = task with { Spec = task.Spec with { Cancel = true }, Metadata = task.Metadata with { ResourceVersion = "2" } };
        _cycles.Tell(new Fact.TaskSeen(null, unwanted));
        _cycles.One<Decision.Settle>();
        _cycles.Tell(new Fact.TaskSeen(unwanted, unwanted));
        Assert.Empty(_cycles.Run());

        // Refused, it is tried again later, or as soon as the task has changed.
        _cycles.Tell(new Fact.SettlementEnded("uid-a", TimeSpan.FromSeconds(30)));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(30);
        _cycles.One<Decision.Settle>();
        _cycles.Tell(
            new Fact.TaskSeen(unwanted, unwanted with { Status = new ObservedTask.TaskStatus { State = FlowStates.Cancelled } }),
            new Fact.SettlementEnded("uid-a", null));
        Assert.Empty(_cycles.Run());
        Assert.Equal(0, _cycles.State.Ledger.Count);
    }

    [Fact]
    public void A_running_task_that_is_cancelled_holds_its_slot_until_its_pod_is_gone()
    {
        var task = Given.Claimed(Given.Task("a"));
        var unwanted = task with { Spec = task.Spec with { Cancel = true } };
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        _cycles.Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.TaskSeen(task, unwanted));
        Assert.Equal(job.Metadata.Uid, _cycles.One<Decision.DeleteJob>().JobUid);
        _cycles.Tell(new Fact.JobSeen(job, job with { Metadata = job.Metadata with { IsBeingDeleted = true } }));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.PodSeen(pod, null));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.JobSeen(job, null));
        _cycles.Confirm("uid-a");
        var end = _cycles.One<Decision.Finish>().End;
        Assert.Equal((AttemptOutcome.Cancelled, Reasons.Cancelled), (end.Outcome, end.Reason));
    }

    [Fact]
    public void A_task_that_is_cancelled_between_claim_and_Job_gets_no_Job()
    {
        var task = Given.Claimed(Given.Task("a"));
        _cycles.Tell(new Fact.TaskSeen(null, task with { Spec = task.Spec with { Cancel = true } }));

        Assert.Equal(AttemptOutcome.Cancelled, _cycles.One<Decision.Finish>().End.Outcome);
    }

    [Fact]
    public void An_agent_that_is_done_before_its_task_is_cancelled_is_done()
    {
        var task = Given.Claimed(Given.Task("a"));
        _cycles.Tell(
            new Fact.TaskSeen(null, task with { Spec = task.Spec with { Cancel = true } }),
            new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")),
            new Fact.PodSeen(null, Given.Succeeded("uid-a")));

        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);
    }
}
