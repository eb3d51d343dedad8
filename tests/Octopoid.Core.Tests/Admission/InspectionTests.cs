using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

/// <summary>Attempts that the API server is asked about, for the watches do not tell enough.</summary>
public sealed class InspectionTests
{
    private readonly Cycles _cycles = new();

    public InspectionTests() => _cycles.Tell(new Fact.OrchestratorSeen(Given.Orchestrator()), new Fact.BlueprintSeen(null, Given.Blueprint()));

    [Fact]
    public void A_pod_that_is_watched_no_more_but_runs_holds_its_slot_and_gives_its_result()
    {
        // Somebody takes the labels off that Job and pod are watched by: both seem to be gone.
        var (job, pod) = (Given.Job("uid-a"), Given.Pod("uid-a"));
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job), new Fact.PodSeen(null, pod));
        _cycles.Tell(new Fact.JobSeen(job, null), new Fact.PodSeen(pod, null), new Fact.TaskSeen(null, Given.Task("b")));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(2);
        _cycles.One<Decision.Inspect>();
        _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: false, Pods: [pod]));
        Assert.Empty(_cycles.Run());

        _cycles.Pass(10);
        _cycles.One<Decision.Inspect>();
        _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: true, Pods: [Given.Succeeded("uid-a")]));
        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);
    }

    [Fact]
    public void A_pod_that_is_taken_from_its_Job_holds_its_slot_until_it_ends_also_under_the_next_leader()
    {
        var pod = Given.Pod("uid-a");
        var loose = pod with { Metadata = pod.Metadata with { ControllerJob = null, ControllerUid = null } };
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")), new Fact.PodSeen(null, pod));
        _cycles.Tell(new Fact.PodSeen(pod, loose), new Fact.JobSeen(Given.Job("uid-a"), null));
        _cycles.Pass(60);
        Assert.Empty(_cycles.Run());

        var ended = Given.Succeeded("uid-a");
        _cycles.Tell(new Fact.PodSeen(loose, ended with { Metadata = loose.Metadata }));
        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);

        var next = new ClusterState();
        next.Apply(new Fact.PodSeen(null, loose), _cycles.Now);
        Assert.Equal(1, next.Ledger.CountOf(new NamespacedName(Given.Namespace, "implementer")));
        next.Apply(new Fact.PodSeen(loose, null), _cycles.Now);
        Assert.IsType<Decision.Wait>(SlotProgress.Next(next.Ledger.Slots.Single(), next, _cycles.Now));
    }

    [Fact]
    public void What_the_API_server_says_is_over_is_not_asked_about_again_while_the_watch_is_behind()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(15);
        _cycles.One<Decision.Inspect>();
        _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: true));

        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.JobSeen(Given.Job("uid-a"), null));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(2);
        Assert.Equal(Reasons.Lost, _cycles.One<Decision.Finish>().End.Reason);
    }

    [Fact]
    public void A_Job_deleted_by_hand_ends_its_attempt_as_lost_once_no_pod_is_left()
    {
        var job = Given.Job("uid-a");
        _cycles.Tell(new Fact.TaskSeen(null, Given.Task("a")));
        Assert.Single(_cycles.Run());
        _cycles.Land(Given.Task("a"));
        Assert.Single(_cycles.Run());
        _cycles.Tell(new Fact.JobSeen(null, job), new Fact.JobLanded("uid-a", 1, null), new Fact.PodSeen(null, Given.Pod("uid-a")));
        _cycles.Tell(new Fact.JobSeen(job, null));
        Assert.Empty(_cycles.Run());

        _cycles.Tell(new Fact.PodSeen(Given.Pod("uid-a"), null));
        _cycles.Confirm("uid-a");
        var end = _cycles.One<Decision.Finish>().End;
        Assert.Equal((Reasons.Lost, FailureClass.Infrastructure), (end.Reason, end.Class));
    }

    [Fact]
    public void What_the_watch_has_told_of_a_pod_stands_above_an_older_listing()
    {
        var job = Given.Job("uid-a");
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, job));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(15);
        _cycles.One<Decision.Inspect>();

        var (pending, done) = (Watched(Given.Pod("uid-a", phase: "Pending")), Watched(Given.Succeeded("uid-a")));
        _cycles.Tell(
            new Fact.PodSeen(null, pending),
            new Fact.PodSeen(pending, done),
            new Fact.JobSeen(job, Given.Job("uid-a", ended: "Complete")),
            new Fact.Inspected("uid-a", 1, IsOver: false, Pods: [pending]));
        _cycles.Pass(10);
        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);

        static ObservedPod Watched(ObservedPod pod) => pod with { Metadata = pod.Metadata with { IsManaged = true } };
    }

    [Fact]
    public void An_ended_Job_without_a_pod_waits_two_seconds_for_the_pod_s_word()
    {
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a", ended: "Complete")));
        Assert.Empty(_cycles.Run());
        Assert.Equal(_cycles.Now.AddSeconds(2), _cycles.State.NextAlarm);

        _cycles.Tell(new Fact.PodSeen(null, Given.Succeeded("uid-a")));
        Assert.Equal(AttemptOutcome.Done, _cycles.One<Decision.Finish>().End.Outcome);
    }

    [Fact]
    public void A_Job_that_is_gone_before_any_pod_of_it_was_seen_holds_its_slot_until_the_API_server_says_that_none_runs()
    {
        var (task, job) = (Given.Claimed(Given.Task("a")), Given.Job("uid-a"));
        _cycles.Tell(new Fact.TaskSeen(null, task), new Fact.JobSeen(null, job), new Fact.TaskSeen(null, Given.Task("b")));
        _cycles.Tell(new Fact.TaskSeen(task, null), new Fact.JobSeen(job, null));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(2);
        _cycles.One<Decision.Inspect>();

        // Asked once at a time, and again after a while: what lives there bears labels that we do not see.
        Assert.Empty(_cycles.Run());
        _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: false));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(10);
        _cycles.One<Decision.Inspect>();
        _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: true));
        Assert.Equal("b", _cycles.One<Decision.Claim>().Task.Metadata.Name);
    }

    [Fact]
    public void A_Job_without_a_pod_is_looked_at_ever_more_rarely()
    {
        var blueprint = Given.Blueprint();
        _cycles.Tell(
            new Fact.BlueprintSeen(blueprint, blueprint with { Spec = blueprint.Spec with { PendingTimeoutSeconds = 3600 } }),
            new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")));
        var looks = new List<int>();
        for (var second = 0; second < 1500; second++)
        {
            foreach (var decision in _cycles.Run())
            {
                Assert.IsType<Decision.Inspect>(decision);
                looks.Add(second);
                _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: false));
            }

            _cycles.Pass(1);
        }

        Assert.Equal([15, 30, 60, 120, 240, 480, 780, 1080, 1380], looks);
    }

    [Fact]
    public void A_Job_that_waits_for_quota_says_so_and_is_no_failure()
    {
        var blueprint = Given.Blueprint();
        _cycles.Tell(new Fact.TaskSeen(null, Given.Claimed(Given.Task("a"))), new Fact.JobSeen(null, Given.Job("uid-a")));
        Assert.Empty(_cycles.Run());
        _cycles.Pass(15);
        _cycles.One<Decision.Inspect>();
        _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: false, "exceeded quota: agents"));
        Assert.Equal(Reasons.QuotaExceeded, _cycles.One<Decision.Announce>().Reason);
        Assert.Empty(_cycles.Run());
        Assert.Equal(
            "1 of 1 instances of implementer are running. 1 of them waits: QuotaExceeded: exceeded quota: agents",
            BlueprintReport.Of(blueprint, _cycles.State, new PullRequestGate(_cycles.State, _cycles.Now), _cycles.Now).Message);
        Assert.Empty(_cycles.After(14.9));
        _cycles.Pass(0.1);
        _cycles.One<Decision.Inspect>();

        _cycles.Tell(new Fact.Inspected("uid-a", 1, IsOver: false, "exceeded quota: agents"), new Fact.PodSeen(null, Given.Pod("uid-a")));
        _cycles.Pass(60);
        Assert.Empty(_cycles.Run());
        Assert.Equal("1 of 1 instances of implementer are running.", BlueprintReport.Of(blueprint, _cycles.State, new PullRequestGate(_cycles.State, _cycles.Now), _cycles.Now).Message);
    }
}
