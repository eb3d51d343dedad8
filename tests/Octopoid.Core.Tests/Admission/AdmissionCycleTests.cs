using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>The life of a slot, fact by fact.</summary>
public sealed class AdmissionCycleTests
{
    private readonly Cycles _cycles = new();

    public AdmissionCycleTests() => _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator()), new Fact.BlueprintSeen(null, Given.Blueprint()));

    [Fact]
    public void A_task_is_claimed_gets_its_Job_and_is_finished_and_only_then_the_next_starts()
    {
        var (first, second) = (Given.Task("a"), Given.Task("b"));
        _cycles.Tell(new Fact.TaskSeen(null, first), new Fact.TaskSeen(null, second));

        Assert.Equal("a", _cycles.One<Decision.Claim>().Task.Metadata.Name);
        _cycles.Land(first);
        _cycles.One<Decision.CreateJob>();
        _cycles.Tell(new Fact.JobSeen(null, Given.Job("uid-a")), new Fact.JobLanded("uid-a", 1, null), new Fact.PodSeen(null, Given.Pod("uid-a")));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.PodSeen(null, Given.Succeeded("uid-a")), new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")));
        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);
        Assert.Empty(_cycles.Run());
        _cycles.Tell(
            new Fact.TaskSeen(null, first with { Status = new ObservedTask.TaskStatus { State = "done", Attempt = 1 } }),
            new Fact.FinishLanded("uid-a", 1));

        Assert.Equal("b", _cycles.One<Decision.Claim>().Task.Metadata.Name);
    }

    [Fact]
    public void A_refused_claim_gives_its_slot_back_and_is_not_tried_again_before_the_task_changes()
    {
        var task = Given.Task("a");
        _cycles.Tell(new Fact.TaskSeen(null, task));
        Assert.Single(_cycles.Run());
        _cycles.Tell(new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));

        Assert.Empty(_cycles.Run());
        Assert.Equal(0, _cycles.State.Ledger.Count);
        _cycles.Tell(new Fact.TaskSeen(task, task with { Metadata = task.Metadata with { ResourceVersion = "2" } }));
        Assert.Single(_cycles.Run());
    }

    [Fact]
    public void A_refused_claim_is_tried_again_after_a_while()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Task("a")));
        Assert.Single(_cycles.Run());
        _cycles.Tell(new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));
        Assert.Empty(_cycles.Run());

        Assert.Equal(_cycles.Now.AddSeconds(5), _cycles.State.NextAlarm);
        _cycles.Pass(5);
        Assert.Single(_cycles.Run());
    }

    [Fact]
    public void A_claim_refused_because_another_stands_keeps_the_other_s_slot()
    {
        var task = Given.Task("a");
        _cycles.Tell(new Fact.TaskSeen(null, task));
        Assert.Single(_cycles.Run());
        _cycles.Tell(new Fact.TaskSeen(task, Given.Claimed(task)), new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));

        Assert.Equal(1, _cycles.State.Ledger.Count);
        _cycles.One<Decision.CreateJob>();
    }

    [Fact]
    public void A_deleted_task_holds_its_slot_until_its_pod_is_gone()
    {
        var task = Given.Claimed(Given.Task("a"));
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        _cycles.Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.TaskSeen(task, null), new Fact.JobSeen(job, null));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.PodSeen(pod, null));
        _cycles.Confirm("uid-a");
        Assert.Equal("b", _cycles.One<Decision.Claim>().Task.Metadata.Name);
    }

    [Fact]
    public void A_Job_that_somebody_gives_other_labels_ends_its_attempt_all_the_same()
    {
        var job = Given.Job("uid-a");
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job), new Fact.PodSeen(null, Given.Pod("uid-a")));
        var edited = job with { Metadata = job.Metadata with { Attempt = 7, TaskUid = "uid-other", Blueprint = "other" } };
        _cycles.Tell(new Fact.JobSeen(job, edited));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(
            new Fact.PodSeen(null, Given.Succeeded("uid-a")),
            new Fact.JobSeen(edited, edited with { TerminalCondition = new ObservedJob.JobCondition("Complete") }));
        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);
    }

    [Fact]
    public void A_claim_that_a_late_watch_still_shows_after_its_result_is_recorded_is_no_new_one()
    {
        var task = Given.Claimed(Given.Task("a"));
        var job = Given.Job("uid-a", ended: "Complete");
        _cycles.Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.PodSeen(null, Given.Succeeded("uid-a")));
        _cycles.One<Decision.Finish>();

        // Recorded by a write whose answer was lost, and found so by a read.
        _cycles.Tell(new Fact.FinishLanded("uid-a", 1), new Fact.JobSeen(job, null));
        Assert.Empty(_cycles.Run());
        Assert.Equal(0, _cycles.State.Ledger.Count);
        _cycles.Tell(new Fact.AuditDue());
        Assert.Empty(_cycles.State.TakeDrifts());
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.TaskSeen(task, Given.Claimed(Given.Task("a"), attempt: 2)));
        Assert.Equal(2, _cycles.One<Decision.CreateJob>().Slot.Attempt);
    }

    [Fact]
    public void The_pod_of_an_earlier_attempt_says_nothing_of_this_one()
    {
        _cycles.Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"), attempt: 2)),
            new Fact.PodSeen(null, Given.Succeeded("uid-a", 1)),
            new Fact.JobSeen(null, Given.Job("uid-a", 1, "Complete")));

        Assert.Equal(2, _cycles.One<Decision.CreateJob>().Slot.Attempt);
    }

    [Fact]
    public void A_Job_of_another_owner_is_not_taken_for_ours()
    {
        var foreign = Given.Job("uid-a", ended: "Complete");
        foreign = foreign with { Metadata = foreign.Metadata with { ControllerUid = "other" } };
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, foreign));

        _cycles.One<Decision.CreateJob>();
    }

    [Fact]
    public void A_claim_taken_off_by_hand_frees_the_slot()
    {
        var task = Given.Claimed(Given.Task("a"));
        _cycles.Tell(new Fact.TaskSeen(null, task));
        _cycles.One<Decision.CreateJob>();
        _cycles.Tell(new Fact.JobLanded("uid-a", 1, Given.Whole(task)));
        _cycles.Tell(new Fact.TaskSeen(task, task with { Status = new ObservedTask.TaskStatus { State = "done", Attempt = 1 } }));

        _cycles.Confirm("uid-a");
        Assert.Empty(_cycles.Run());
        Assert.Equal(0, _cycles.State.Ledger.Count);
    }

    [Fact]
    public void A_refused_Job_ends_the_attempt_as_nobody_s_fault()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))));
        Assert.Single(_cycles.Run());
        _cycles.Tell(new Fact.JobRefused("uid-a", 1, AttemptEnd.Infrastructure(Reasons.JobRefused, "forbidden")));

        var finish = _cycles.One<Decision.Finish>();
        Assert.Equal((Reasons.JobRefused, FailureClass.Infrastructure), (finish.End.Reason, finish.End.Class));
    }

    [Fact]
    public void A_state_from_before_the_claim_that_a_late_list_brings_takes_no_slot_away()
    {
        var task = Given.Task("a");
        _cycles.Tell(new Fact.TaskSeen(null, task));
        _cycles.Run();
        _cycles.Land(task);
        _cycles.Run();
        _cycles.Tell(new Fact.JobSeen(null, Given.Job("uid-a")), new Fact.JobLanded("uid-a", 1, null), new Fact.TaskSeen(Given.Claimed(task), task));
        Assert.Empty(_cycles.Run());
        Assert.Equal(1, _cycles.State.Ledger.Count);

        _cycles.Tell(new Fact.TaskSeen(task, Given.Claimed(task)));
        _cycles.Tell(new Fact.PodSeen(null, Given.Succeeded("uid-a")), new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")));
        _cycles.One<Decision.Finish>();
    }

    [Fact]
    public void A_refused_result_holds_its_slot_and_is_written_again_later()
    {
        _cycles.Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")),
            new Fact.PodSeen(null, Given.Succeeded("uid-a")));
        _cycles.One<Decision.Finish>();
        _cycles.Tell(new Fact.FinishRefused("uid-a", 1, TimeSpan.FromSeconds(30)));

        Assert.Empty(_cycles.Run());
        Assert.Equal(1, _cycles.State.Ledger.Count);
        _cycles.Pass(30);
        _cycles.One<Decision.Finish>();
    }

    [Fact]
    public void A_change_that_came_before_the_claims_refusal_is_claimed_at_once()
    {
        var task = Given.Task("a");
        _cycles.Tell(new Fact.TaskSeen(null, task));
        _cycles.Run();
        _cycles.Tell(new Fact.TaskSeen(task, task with { Metadata = task.Metadata with { ResourceVersion = "2" } }));
        _cycles.Tell(new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));

        Assert.Equal("2", _cycles.One<Decision.Claim>().Task.Metadata.ResourceVersion);
    }

    [Fact]
    public void A_pod_that_only_bears_our_labels_decides_nothing()
    {
        var impostor = Given.Succeeded("uid-a");
        impostor = impostor with { Metadata = impostor.Metadata with { Namespace = "elsewhere", Uid = "other" } };
        _cycles.Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a", ended: "Failed")),
            new Fact.PodSeen(null, impostor),
            new Fact.PodSeen(null, Given.Pod("uid-a", 1, "Failed", null, 3)));

        Assert.Equal(Reasons.ExitCode, _cycles.One<Decision.Finish>().End.Reason);
    }

    [Fact]
    public void A_task_starts_as_soon_as_the_last_of_its_blockers_is_done_and_not_before()
    {
        var done = new ObservedTask.TaskStatus { State = FlowStates.Done };
        var (a, b) = (Given.Task("a", isSuspended: true), Given.Task("b", isSuspended: true));
        _cycles.Tell(new Fact.TaskSeen(null, Given.Task("c", blockedBy: ["a", "b"])), new Fact.TaskSeen(null, a), new Fact.TaskSeen(null, b));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.TaskSeen(a, a with { Status = done }));
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.TaskSeen(b, b with { Status = done }));
        Assert.Single(_cycles.Run());
    }

    [Fact]
    public void A_lowered_limit_ends_nothing_and_starts_nothing_until_there_is_room()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.TaskSeen(null, Given.Task("b")));
        _cycles.One<Decision.CreateJob>();
        _cycles.Tell(new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 0)));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 2)));
        _cycles.One<Decision.Claim>();
    }
}
