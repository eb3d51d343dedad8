using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>The life of a slot, fact by fact.</summary>
public sealed class AdmissionCycleTests
{
    private readonly ClusterState _state = new();
    private DateTimeOffset _now = Given.Noon;

    public AdmissionCycleTests()
    {
        Tell(new Fact.OrchestratorSeen(Given.Orchestrator()));
        Tell(new Fact.BlueprintSeen(null, Given.Blueprint()));
    }

    [Fact]
    public void A_task_is_claimed_gets_its_Job_and_is_finished_and_only_then_the_next_starts()
    {
        var (first, second) = (Given.Task("a"), Given.Task("b"));
        Tell(new Fact.TaskSeen(null, first), new Fact.TaskSeen(null, second));

        Assert.Equal("a", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.Name);
        Land(first);
        Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle()));
        Tell(new Fact.JobSeen(null, Given.Job("uid-a")), new Fact.JobLanded("uid-a", 1, null), new Fact.PodSeen(null, Given.Pod("uid-a")));
        Assert.Empty(Cycle());
        Tell(new Fact.PodSeen(null, Given.Succeeded("uid-a")), new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")));
        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);
        Assert.Empty(Cycle());
        Tell(
            new Fact.TaskSeen(null, first with { Status = new ObservedTask.TaskStatus { State = "done", Attempt = 1 } }),
            new Fact.FinishLanded("uid-a", 1));

        Assert.Equal("b", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.Name);
    }

    [Fact]
    public void A_claim_found_at_start_takes_its_slot_and_gets_its_Job_but_is_not_claimed_again()
    {
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.TaskSeen(null, Given.Task("b")));

        var create = Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle()));
        Assert.Equal(("uid-a", 1), (create.Slot.TaskUid, create.Slot.Attempt));
    }

    [Fact]
    public void A_claim_found_at_start_whose_Job_runs_costs_no_write()
    {
        Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a")),
            new Fact.PodSeen(null, Given.Pod("uid-a")));

        Assert.Empty(Cycle());
        Assert.Equal(1, _state.Ledger.Count);
    }

    [Fact]
    public void Finished_tasks_found_at_start_take_no_slot_and_cost_no_write()
    {
        for (var i = 0; i < 1000; i++)
        {
            Tell(new Fact.TaskSeen(null, Given.Task($"t{i}", status: new ObservedTask.TaskStatus { State = "done", Attempt = 1 })));
        }

        Assert.Empty(Cycle());
        Assert.Equal(0, _state.Ledger.Count);
    }

    [Fact]
    public void A_refused_claim_gives_its_slot_back_and_is_not_tried_again_before_the_task_changes()
    {
        var task = Given.Task("a");
        Tell(new Fact.TaskSeen(null, task));
        Assert.Single(Cycle());
        Tell(new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));

        Assert.Empty(Cycle());
        Assert.Equal(0, _state.Ledger.Count);
        Tell(new Fact.TaskSeen(task, task with { Metadata = task.Metadata with { ResourceVersion = "2" } }));
        Assert.Single(Cycle());
    }

    [Fact]
    public void A_refused_claim_is_tried_again_after_a_while()
    {
        Tell(new Fact.TaskSeen(null, Given.Task("a")));
        Assert.Single(Cycle());
        Tell(new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));
        Assert.Empty(Cycle());

        Assert.Equal(_now.AddSeconds(5), _state.NextAlarm);
        Pass(TimeSpan.FromSeconds(5));
        Assert.Single(Cycle());
    }

    [Fact]
    public void A_claim_refused_because_another_stands_keeps_the_other_s_slot()
    {
        var task = Given.Task("a");
        Tell(new Fact.TaskSeen(null, task));
        Assert.Single(Cycle());
        Tell(new Fact.TaskSeen(task, Given.Claimed(task)), new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));

        Assert.Equal(1, _state.Ledger.Count);
        Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle()));
    }

    [Fact]
    public void A_deleted_task_holds_its_slot_until_its_pod_is_gone()
    {
        var task = Given.Claimed(Given.Task("a"));
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Empty(Cycle());

        Tell(new Fact.TaskSeen(task, null), new Fact.JobSeen(job, null));
        Assert.Empty(Cycle());
        Tell(new Fact.PodSeen(pod, null));
        Confirm("uid-a");
        Assert.Equal("b", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.Name);
    }

    [Fact]
    public void A_pod_that_is_watched_no_more_but_runs_holds_its_slot_and_gives_its_result()
    {
        // Somebody takes the labels off that Job and pod are watched by: both seem to be gone.
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod));
        Tell(new Fact.JobSeen(job, null), new Fact.PodSeen(pod, null), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(2));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));
        Tell(new Fact.Inspected("uid-a", 1, IsOver: false, Pods: [pod]));
        Assert.Empty(Cycle());

        Pass(TimeSpan.FromSeconds(10));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));
        Tell(new Fact.Inspected("uid-a", 1, IsOver: true, Pods: [Given.Succeeded("uid-a")]));
        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);
    }

    [Fact]
    public void A_pod_that_is_taken_from_its_Job_holds_its_slot_until_it_ends_also_under_the_next_leader()
    {
        var pod = Given.Pod("uid-a");
        var loose = pod with { Metadata = pod.Metadata with { ControllerJob = null, ControllerUid = null } };
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")), new Fact.PodSeen(null, pod));
        Tell(new Fact.PodSeen(pod, loose), new Fact.JobSeen(Given.Job("uid-a"), null));
        Pass(TimeSpan.FromSeconds(60));
        Assert.Empty(Cycle());

        var ended = Given.Succeeded("uid-a");
        Tell(new Fact.PodSeen(loose, ended with { Metadata = loose.Metadata }));
        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);

        var next = new ClusterState();
        next.Apply(new Fact.PodSeen(null, loose), _now);
        Assert.Equal(1, next.Ledger.CountOf(new NamespacedName(Given.Namespace, "implementer")));
        next.Apply(new Fact.PodSeen(loose, null), _now);
        Assert.IsType<Decision.Wait>(SlotProgress.Next(next.Ledger.Slots.Single(), next, _now));
    }

    [Fact]
    public void A_young_claim_without_a_Job_whose_pod_was_seen_gets_no_second_one()
    {
        var pod = Given.Pod("uid-a");
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.PodSeen(null, pod));
        Assert.Empty(Cycle());

        Tell(new Fact.PodSeen(pod, Given.Succeeded("uid-a")));
        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);
    }

    [Fact]
    public void A_claim_of_an_impossible_time_harms_nobody()
    {
        var task = Given.Claimed(Given.Task("a"));
        var far = task with { Status = task.Status! with { Claim = task.Status.Claim! with { ClaimedAt = DateTimeOffset.MaxValue } } };
        Tell(new Fact.TaskSeen(null, far));

        Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle()));
    }

    [Fact]
    public void What_the_API_server_says_is_over_is_not_asked_about_again_while_the_watch_is_behind()
    {
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(15));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));
        Tell(new Fact.Inspected("uid-a", 1, IsOver: true));

        Assert.Empty(Cycle());
        Tell(new Fact.JobSeen(Given.Job("uid-a"), null));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(Reasons.Lost, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Reason);
    }

    [Fact]
    public void What_the_watch_has_told_of_a_pod_stands_above_an_older_listing()
    {
        var job = Given.Job("uid-a");
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(15));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));

        var (pending, done) = (Watched(Given.Pod("uid-a", phase: "Pending")), Watched(Given.Succeeded("uid-a")));
        Tell(
            new Fact.PodSeen(null, pending),
            new Fact.PodSeen(pending, done),
            new Fact.JobSeen(job, Given.Job("uid-a", ended: "Complete")),
            new Fact.Inspected("uid-a", 1, IsOver: false, Pods: [pending]));
        Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);

        static ObservedPod Watched(ObservedPod pod) => pod with { Metadata = pod.Metadata with { IsManaged = true } };
    }

    [Fact]
    public void A_Job_that_somebody_gives_other_labels_ends_its_attempt_all_the_same()
    {
        var job = Given.Job("uid-a");
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job), new Fact.PodSeen(null, Given.Pod("uid-a")));
        var edited = job with { Metadata = job.Metadata with { Attempt = 7, TaskUid = "uid-other", Blueprint = "other" } };
        Tell(new Fact.JobSeen(job, edited));
        Assert.Empty(Cycle());

        Tell(
            new Fact.PodSeen(null, Given.Succeeded("uid-a")),
            new Fact.JobSeen(edited, edited with { TerminalCondition = new ObservedJob.JobCondition("Complete") }));
        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);
    }

    [Fact]
    public void A_claim_that_a_late_watch_still_shows_after_its_result_is_recorded_is_no_new_one()
    {
        var task = Given.Claimed(Given.Task("a"));
        var job = Given.Job("uid-a", ended: "Complete");
        Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.PodSeen(null, Given.Succeeded("uid-a")));
        Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));

        // Recorded by a write whose answer was lost, and found so by a read.
        Tell(new Fact.FinishLanded("uid-a", 1), new Fact.JobSeen(job, null));
        Assert.Empty(Cycle());
        Assert.Equal(0, _state.Ledger.Count);
        Tell(new Fact.AuditDue());
        Assert.Empty(_state.TakeDrifts());
        Assert.Empty(Cycle());

        Tell(new Fact.TaskSeen(task, Given.Claimed(Given.Task("a"), attempt: 2)));
        Assert.Equal(2, Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle())).Slot.Attempt);
    }

    [Fact]
    public void A_Job_deleted_by_hand_ends_its_attempt_as_lost_once_no_pod_is_left()
    {
        var job = Given.Job("uid-a");
        Tell(new Fact.TaskSeen(null, Given.Task("a")));
        Assert.Single(Cycle());
        Land(Given.Task("a"));
        Assert.Single(Cycle());
        Tell(new Fact.JobSeen(null, job), new Fact.JobLanded("uid-a", 1, null), new Fact.PodSeen(null, Given.Pod("uid-a")));
        Tell(new Fact.JobSeen(job, null));
        Assert.Empty(Cycle());

        Tell(new Fact.PodSeen(Given.Pod("uid-a"), null));
        Confirm("uid-a");
        var end = Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End;
        Assert.Equal((Reasons.Lost, FailureClass.Infrastructure), (end.Reason, end.Class));
    }

    [Fact]
    public void An_ended_Job_without_a_pod_waits_two_seconds_for_the_pod_s_word()
    {
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")));
        Assert.Empty(Cycle());
        Assert.Equal(_now.AddSeconds(2), _state.NextAlarm);

        Tell(new Fact.PodSeen(null, Given.Succeeded("uid-a")));
        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);
    }

    [Fact]
    public void The_pod_of_an_earlier_attempt_says_nothing_of_this_one()
    {
        Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"), attempt: 2)),
            new Fact.PodSeen(null, Given.Succeeded("uid-a", 1)),
            new Fact.JobSeen(null, Given.Job("uid-a", 1, "Complete")));

        Assert.Equal(2, Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle())).Slot.Attempt);
    }

    [Fact]
    public void A_Job_of_another_owner_is_not_taken_for_ours()
    {
        var foreign = Given.Job("uid-a", ended: "Complete");
        foreign = foreign with { Metadata = foreign.Metadata with { ControllerUid = "other" } };
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, foreign));

        Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle()));
    }

    [Fact]
    public void A_claim_taken_off_by_hand_frees_the_slot()
    {
        var task = Given.Claimed(Given.Task("a"));
        Tell(new Fact.TaskSeen(null, task));
        Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle()));
        Tell(new Fact.JobLanded("uid-a", 1, Given.Whole(task)));
        Tell(new Fact.TaskSeen(task, task with { Status = new ObservedTask.TaskStatus { State = "done", Attempt = 1 } }));

        Confirm("uid-a");
        Assert.Empty(Cycle());
        Assert.Equal(0, _state.Ledger.Count);
    }

    [Fact]
    public void A_Job_that_is_gone_before_any_pod_of_it_was_seen_holds_its_slot_until_the_API_server_says_that_none_runs()
    {
        var (task, job) = (Given.Claimed(Given.Task("a")), Given.Job("uid-a"));
        Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.TaskSeen(null, Given.Task("b")));
        Tell(new Fact.TaskSeen(task, null), new Fact.JobSeen(job, null));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(2));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));

        // Asked once at a time, and again after a while: what lives there bears labels that we do not see.
        Assert.Empty(Cycle());
        Tell(new Fact.Inspected("uid-a", 1, IsOver: false));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(10));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));
        Tell(new Fact.Inspected("uid-a", 1, IsOver: true));
        Assert.Equal("b", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.Name);
    }

    [Fact]
    public void A_Job_that_waits_for_quota_says_so_and_is_no_failure()
    {
        var blueprint = Given.Blueprint();
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(15));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));
        Tell(new Fact.Inspected("uid-a", 1, IsOver: false, "exceeded quota: agents"));
        Assert.Equal(Reasons.QuotaExceeded, Assert.IsType<Decision.Announce>(Assert.Single(Cycle())).Reason);
        Assert.Empty(Cycle());
        Assert.Equal(
            "1 of 1 instances of implementer are running. 1 of them waits: QuotaExceeded: exceeded quota: agents",
            BlueprintReport.Of(blueprint, _state, _now).Message);
        Pass(TimeSpan.FromSeconds(10));
        Assert.IsType<Decision.Inspect>(Assert.Single(Cycle()));

        Tell(new Fact.Inspected("uid-a", 1, IsOver: false, "exceeded quota: agents"), new Fact.PodSeen(null, Given.Pod("uid-a")));
        Pass(TimeSpan.FromSeconds(60));
        Assert.Empty(Cycle());
        Assert.Equal("1 of 1 instances of implementer are running.", BlueprintReport.Of(blueprint, _state, _now).Message);
    }

    [Fact]
    public void What_runs_at_the_start_holds_a_slot_though_no_claim_speaks_of_it()
    {
        var (gone, unclaimed) = (Given.Pod("uid-gone"), Given.Job("uid-a"));
        Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator(2)),
            new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 5)),
            new Fact.TaskSeen(null, Given.Task("a")),
            new Fact.TaskSeen(null, Given.Task("b")),
            new Fact.JobSeen(null, unclaimed),
            new Fact.PodSeen(null, gone));

        // What serves no claim has nobody to report to. Without a task it is the garbage collector's.
        Assert.Equal("uid-a", Assert.IsType<Decision.DeleteJob>(Assert.Single(Cycle())).Slot.TaskUid);
        Assert.Equal(2, _state.Ledger.CountOf(new NamespacedName(Given.Namespace, "implementer")));
        Tell(new Fact.PodSeen(gone, null));
        Confirm("uid-gone");
        Assert.Equal("b", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.Name);
        Tell(new Fact.OrchestratorSeen(Given.Orchestrator(3)));
        Assert.Empty(Cycle());
    }

    [Fact]
    public void A_waiting_task_that_is_cancelled_is_written_so_once_and_never_claimed()
    {
        var task = Given.Task("a");
        var unwanted = task with { Spec = task.Spec with { Cancel = true }, Metadata = task.Metadata with { ResourceVersion = "2" } };
        Tell(new Fact.TaskSeen(null, unwanted));
        Assert.IsType<Decision.Settle>(Assert.Single(Cycle()));
        Tell(new Fact.TaskSeen(unwanted, unwanted));
        Assert.Empty(Cycle());

        // Refused, it is tried again later, or as soon as the task has changed.
        Tell(new Fact.SettlementEnded("uid-a", TimeSpan.FromSeconds(30)));
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(30));
        Assert.IsType<Decision.Settle>(Assert.Single(Cycle()));
        Tell(
            new Fact.TaskSeen(unwanted, unwanted with { Status = new ObservedTask.TaskStatus { State = FlowStates.Cancelled } }),
            new Fact.SettlementEnded("uid-a", null));
        Assert.Empty(Cycle());
        Assert.Equal(0, _state.Ledger.Count);
    }

    [Fact]
    public void A_running_task_that_is_cancelled_holds_its_slot_until_its_pod_is_gone()
    {
        var task = Given.Claimed(Given.Task("a"));
        var unwanted = task with { Spec = task.Spec with { Cancel = true } };
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Empty(Cycle());

        Tell(new Fact.TaskSeen(task, unwanted));
        Assert.Equal(job.Metadata.Uid, Assert.IsType<Decision.DeleteJob>(Assert.Single(Cycle())).JobUid);
        Tell(new Fact.JobSeen(job, job with { Metadata = job.Metadata with { IsBeingDeleted = true } }));
        Assert.Empty(Cycle());
        Tell(new Fact.PodSeen(pod, null));
        Assert.Empty(Cycle());
        Tell(new Fact.JobSeen(job, null));
        Confirm("uid-a");
        var end = Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End;
        Assert.Equal((AttemptOutcome.Cancelled, Reasons.Cancelled), (end.Outcome, end.Reason));
    }

    [Fact]
    public void A_task_that_is_cancelled_between_claim_and_Job_gets_no_Job()
    {
        var task = Given.Claimed(Given.Task("a"));
        Tell(new Fact.TaskSeen(null, task with { Spec = task.Spec with { Cancel = true } }));

        Assert.Equal(AttemptOutcome.Cancelled, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);
    }

    [Fact]
    public void An_agent_that_is_done_before_its_task_is_cancelled_is_done()
    {
        var task = Given.Claimed(Given.Task("a"));
        Tell(
            new Fact.TaskSeen(null, task with { Spec = task.Spec with { Cancel = true } }),
            new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")),
            new Fact.PodSeen(null, Given.Succeeded("uid-a")));

        Assert.Equal(AttemptOutcome.Done, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Outcome);
    }

    [Fact]
    public void An_audit_of_what_is_right_finds_nothing()
    {
        Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator(3)),
            new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 5)),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a")),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("ended"))),
            new Fact.JobSeen(null, Given.Job("uid-ended", ended: "Complete")),
            new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Single(Cycle());

        Tell(new Fact.AuditDue());
        Assert.Empty(_state.TakeDrifts());
        Assert.Empty(Cycle());
    }

    [Fact]
    public void An_audit_takes_the_slots_that_are_missing_and_looks_again_at_those_that_were_forgotten()
    {
        Tell(
            new Fact.OrchestratorSeen(Given.Orchestrator(5)),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a")),
            new Fact.PodSeen(null, Given.Pod("uid-gone")),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("b"))),
            new Fact.JobSeen(null, Given.Job("uid-b", ended: "Complete")),
            new Fact.PodSeen(null, Given.Succeeded("uid-b")));
        _state.Ledger.Release("uid-a");
        _state.Ledger.Release("uid-gone");
        _state.TakeTouchedSlots();

        Tell(new Fact.AuditDue());

        Assert.Collection(
            _state.TakeDrifts(),
            drift => Assert.Equal("Task work/a is claimed but held no slot.", drift),
            drift => Assert.Matches("^Job work/gone-.*-1 runs but held no slot\\.$", drift),
            drift => Assert.Equal("The slot of task work/b was forgotten in phase Running.", drift));
        Assert.Empty(_state.TakeDrifts());
        Assert.Equal(3, _state.Ledger.Count);
        Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));
    }

    [Fact]
    public void An_old_claim_found_without_a_Job_has_lost_it()
    {
        Pass(TimeSpan.FromMinutes(3));
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))));
        Confirm("uid-a");

        Assert.Equal(Reasons.Lost, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Reason);
    }

    [Fact]
    public void A_refused_Job_ends_the_attempt_as_nobody_s_fault()
    {
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))));
        Assert.Single(Cycle());
        Tell(new Fact.JobRefused("uid-a", 1, AttemptEnd.Infrastructure(Reasons.JobRefused, "forbidden")));

        var finish = Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));
        Assert.Equal((Reasons.JobRefused, FailureClass.Infrastructure), (finish.End.Reason, finish.End.Class));
    }

    [Fact]
    public void A_state_from_before_the_claim_that_a_late_list_brings_takes_no_slot_away()
    {
        var task = Given.Task("a");
        Tell(new Fact.TaskSeen(null, task));
        Cycle();
        Land(task);
        Cycle();
        Tell(new Fact.JobSeen(null, Given.Job("uid-a")), new Fact.JobLanded("uid-a", 1, null), new Fact.TaskSeen(Given.Claimed(task), task));
        Assert.Empty(Cycle());
        Assert.Equal(1, _state.Ledger.Count);

        Tell(new Fact.TaskSeen(task, Given.Claimed(task)));
        Tell(new Fact.PodSeen(null, Given.Succeeded("uid-a")), new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")));
        Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));
    }

    [Fact]
    public void A_running_Job_found_at_start_and_then_deleted_is_not_made_again_beside_its_pod()
    {
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod));
        Assert.Empty(Cycle());

        Tell(new Fact.JobSeen(job, null));
        Assert.Empty(Cycle());
        Tell(new Fact.PodSeen(pod, null));
        Confirm("uid-a");
        Assert.Equal(Reasons.Lost, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Reason);
    }

    [Fact]
    public void A_refused_result_holds_its_slot_and_is_written_again_later()
    {
        Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")),
            new Fact.PodSeen(null, Given.Succeeded("uid-a")));
        Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));
        Tell(new Fact.FinishRefused("uid-a", 1, TimeSpan.FromSeconds(30)));

        Assert.Empty(Cycle());
        Assert.Equal(1, _state.Ledger.Count);
        Pass(TimeSpan.FromSeconds(30));
        Assert.IsType<Decision.Finish>(Assert.Single(Cycle()));
    }

    [Fact]
    public void A_change_that_came_before_the_claims_refusal_is_claimed_at_once()
    {
        var task = Given.Task("a");
        Tell(new Fact.TaskSeen(null, task));
        Cycle();
        Tell(new Fact.TaskSeen(task, task with { Metadata = task.Metadata with { ResourceVersion = "2" } }));
        Tell(new Fact.ClaimRefused("uid-a", 1, "1", TimeSpan.FromSeconds(5)));

        Assert.Equal("2", Assert.IsType<Decision.Claim>(Assert.Single(Cycle())).Task.Metadata.ResourceVersion);
    }

    [Fact]
    public void A_pod_that_only_bears_our_labels_decides_nothing()
    {
        var impostor = Given.Succeeded("uid-a");
        impostor = impostor with { Metadata = impostor.Metadata with { Namespace = "elsewhere", Uid = "other" } };
        Tell(
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))),
            new Fact.JobSeen(null, Given.Job("uid-a", ended: "Failed")),
            new Fact.PodSeen(null, impostor),
            new Fact.PodSeen(null, Given.Pod("uid-a", 1, "Failed", null, 3)));

        Assert.Equal(Reasons.ExitCode, Assert.IsType<Decision.Finish>(Assert.Single(Cycle())).End.Reason);
    }

    [Fact]
    public void A_task_starts_as_soon_as_the_last_of_its_blockers_is_done_and_not_before()
    {
        var done = new ObservedTask.TaskStatus { State = FlowStates.Done };
        var (a, b) = (Given.Task("a", isSuspended: true), Given.Task("b", isSuspended: true));
        Tell(new Fact.TaskSeen(null, Given.Task("c", blockedBy: ["a", "b"])), new Fact.TaskSeen(null, a), new Fact.TaskSeen(null, b));
        Assert.Empty(Cycle());

        Tell(new Fact.TaskSeen(a, a with { Status = done }));
        Assert.Empty(Cycle());
        Tell(new Fact.TaskSeen(b, b with { Status = done }));
        Assert.Single(Cycle());
    }

    [Fact]
    public void A_lowered_limit_ends_nothing_and_starts_nothing_until_there_is_room()
    {
        Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.IsType<Decision.CreateJob>(Assert.Single(Cycle()));
        Tell(new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 0)));
        Assert.Empty(Cycle());

        Tell(new Fact.BlueprintSeen(null, Given.Blueprint(maxInstances: 2)));
        Assert.IsType<Decision.Claim>(Assert.Single(Cycle()));
    }

    private IReadOnlyList<Decision> Cycle() => AdmissionCycle.Run(_state, _now);

    private void Tell(params Fact[] facts)
    {
        foreach (var fact in facts)
        {
            _state.Apply(fact, _now);
        }
    }

    private void Pass(TimeSpan time)
    {
        _now += time;
        _state.RingAlarms(_now);
    }

    /// <summary>What seems to be over is looked at after two seconds, and is.</summary>
    private void Confirm(string taskUid)
    {
        Assert.Empty(Cycle());
        Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(taskUid, Assert.IsType<Decision.Inspect>(Assert.Single(Cycle())).Slot.TaskUid);
        Tell(new Fact.Inspected(taskUid, 1, IsOver: true));
    }

    private void Land(ObservedTask task)
    {
        var claimed = Given.Claimed(task);
        Tell(new Fact.TaskSeen(task, claimed), new Fact.ClaimLanded(task.Metadata.Uid, 1, Given.Whole(claimed)));
    }
}
