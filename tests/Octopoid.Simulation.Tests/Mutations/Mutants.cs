namespace Octopoid.Simulation.Tests.Mutations;

/// <summary>Bugs that the simulation must find.</summary>
/// <remarks>Not here is what two guards prevent, such as a Job for a claim that a late watch still shows: each has a test of its own.</remarks>
internal static class Mutants
{
    private const string State = "Octopoid.Core/State/ClusterState.cs";
    private const string Slots = "Octopoid.Core/State/SlotTracking.cs";
    private const string Progress = "Octopoid.Core/Admission/SlotProgress.cs";
    private const string Selection = "Octopoid.Core/Admission/ClaimSelection.cs";
    private const string Eligibility = "Octopoid.Core/State/Eligibility.cs";
    private const string Store = "Octopoid.Kubernetes/Watching/ObjectStore.cs";
    private const string Decisions = "Octopoid.Core/Flows/DecisionRules.cs";
    private const string Moves = "Octopoid.Core/Outcomes/TaskMoves.cs";
    private const string After = "Octopoid.Core/Outcomes/TaskStatusAfter.cs";
    private const string Breakers = "Octopoid.Core/State/Breakers.cs";
    private const string Gate = "Octopoid.Core/PullRequests/PullRequestGate.cs";
    private const string Counts = "Octopoid.Core/PullRequests/PullRequestCounts.cs";
    private const string Effects = "Octopoid.Operator/Effects/";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("a slot is freed while a pod still runs", Progress, " && pods.All(pod => pod.IsTerminal());", ";") { Seed = 1 },
        new("unseen pods are not asked for", Progress, "if (pods.Count == 0 && !slot.IsConfirmedOver", "if (pods.Count < 0 && !slot.IsConfirmedOver") { Seed = 198 },
        new("the cluster's cap counts what runs, not the ledger", Selection,
            "MaxConcurrent - state.Ledger.Count;", "MaxConcurrent - state.Ledger.Slots.Count(slot => slot.Phase == SlotPhase.Running);") { HasScenario = true },
        new("a blueprint's cap counts what runs, not the ledger", Selection,
            "state.Ledger.CountOf(BlueprintRules.Key(blueprint))",
            "state.Ledger.Slots.Count(slot => slot.Phase == SlotPhase.Running && slot.Blueprint == BlueprintRules.Key(blueprint))") { Seed = 1 },
        new("a paused orchestrator starts agents", Selection, "{ Spec.Paused: false } orchestrator", "{ } orchestrator") { Seed = 6 },
        new("a number of an attempt is used again", Selection, "(task.Status?.Attempt ?? 0) + 1", "Math.Max(1, task.Status?.Attempt ?? 0)") { Seed = 1 },
        new("blockers are ignored", Eligibility, "if (blocked is not null)", "if (blocked is not null && blocked.Reason.Length == 0)") { Seed = 1 },
        new("suspension is ignored", Eligibility, "if (task.Spec.Suspend)", "if (task.Spec.Suspend && task.Metadata.Name.Length == 0)") { Seed = 25 },
        new("a task is claimed before its time", Eligibility, "time > now)", "time > now.AddHours(3))") { Seed = 1 },
        new("what runs without a claim holds no slot", Slots, "|| Ledger.Find(taskUid) is not null)", "|| taskUid.Length > 0)") { Seed = 12 },
        new("an unknown claim gets no slot", Slots, "if (slot is null && ", "if (slot is null && uid.Length == 0 && ") { Seed = 1 },
        new("a clock that is set back prolongs every pause", "Octopoid.Operator/Loop/AdmissionLoop.cs", "if (step < -Slewed)", "if (step < TimeSpan.MinValue)") { HasScenario = true },
        new("a refused claim is not tried again", State, "_slots.See(task, now);\n        }\n\n        Requeue(fact.TaskUid, now);", "_slots.See(task, now);\n        }") { HasScenario = true },
        new("alarms are not set", State, "=> _alarms.Enqueue(uid, time);", "=> _alarms.EnsureCapacity(1);") { Seed = 1 },
        new("a task that is to be cancelled is claimed", Eligibility, "if (task.Spec.Cancel || pullRequest.HasNews)", "if (pullRequest.HasNews)") { Seed = 3 },
        new("done before it was cancelled is cancelled", Progress, "task.Spec.Cancel && end.Outcome is not (AttemptOutcome.Done or AttemptOutcome.Approved) ?", "task.Spec.Cancel ?") { Seed = 78 },
        new("a Job of another owner is adopted", Effects + "CreateJob.cs", "=> job.Metadata.IsOwnedBy(slot.TaskUid);", "=> job.Metadata.Name == slot.JobName;") { Seed = 1 },
        new("a Job that is there already is a refusal", Effects + "CreateJob.cs", "(e.IsAlreadyExists || isAmbiguous) && ", "slot.Attempt < 0 && ") { Seed = 45 },
        new("a claim without an answer is a refusal", Effects + "ClaimTask.cs", "if (isAmbiguous && ", "if (isAmbiguous && slot.Attempt < 0 && ") { Seed = 3 },
        new("status is patched whatever has changed", Effects + "TaskClient.cs",
            "MergePatch.StatusBody(resourceVersion, status)",
            "System.Text.Encoding.UTF8.GetBytes(new JsonObject { [\"status\"] = status.DeepClone() }.ToJsonString())") { Seed = 51 },
        new("refused credentials end the process", Effects + "Retries.cs",
            "when (e is ApiException or ", "when (e is ApiException { Code: not HttpStatusCode.Unauthorized } or ") { Seed = 15 },
        new("a leader writes when its time is over", "Octopoid.Kubernetes/Leases/FencedTransport.cs",
            "if (_leadership.Slack < _patience)", "if (_patience < TimeSpan.Zero)") { Seed = 5 },
        new("a decision acts on any attempt", Decisions, "decision.Attempt == attempt && ", "attempt >= 0 && ") { Seed = 2 },
        new("a decision acts again and again", Decisions, " && TakenDecision.Of(decision) != last;", " && (last is null || last is not null);") { Seed = 41 },
        new("a decision answers whichever condition is waited for", Decisions, "decision.Condition is null || decision.Condition == condition.Name", "decision.Verdict >= 0") { Seed = 12 },
        new("a cancelled task is begun again while it is to be cancelled", Decisions, "&& !isCancelled", "&& (isCancelled || !isCancelled)") { Seed = 1 },
        new("rejections are not counted", Moves, "Rejections = (status.Rejections ?? 0) + 1", "Rejections = status.Rejections") { Seed = 1 },
        new("what was met is met for ever", Moves, "            NextEligibleTime = null,\n            Passed = null,\n            History", "            NextEligibleTime = null,\n            History") { Seed = 1 },
        new("a review moves the task", Eligibility, "(review.Agent!, task.State(), review.Name)", "(review.Agent!, flow.Transitions.First(t => t.From == task.State()).To, review.Name)") { Seed = 1 },
        new("a review that is to be made again sends the task back", After, "State = claim.Condition is null ? claim.From ?? FlowStates.Incoming : counted.State,", "State = claim.From is null ? counted.State : FlowStates.Incoming,") { Seed = 1 },
        new("work that is to be made again goes on where it was", After, "State = claim.Condition is null ? claim.From ?? FlowStates.Incoming : counted.State,", "State = counted.State,") { HasScenario = true },
        new("a rejected task goes where every other goes", After, "FlowRules.Find(flow, working, claim.Condition ?? \"\")?.OnFail ?? FlowStates.Incoming", "FlowStates.Incoming") { Seed = 3 },
        new("conditions are met in any order", "Octopoid.Core/Flows/FlowRules.cs", "(transition.Conditions ?? []).FirstOrDefault(", "(transition.Conditions ?? []).LastOrDefault(") { Seed = 1 },
        new("an attempt whose pod was replaced is recorded after its Job is deleted", Progress, "return Postponed(slot, now) is { } later ? later : End(slot, task, job, state, now);", "return job is null ? null : new Decision.DeleteJob(slot, job.Metadata.Uid);") { Seed = 3 },
        new("a pod that never starts is waited for", Progress, "Finish(slot, task, state, PodTrouble.NotStarted(slot, now, limit));", "null;") { Seed = 7 },
        new("a sidecar holds its slot", Progress, "return now < until ? new Decision.Wait(seen, until) :", "return now < until.AddDays(1) ? null :") { Seed = 6 },
        new("a degraded blueprint claims as ever", Breakers, "open.Probe is null && open.NextProbe <= now ? 1", "open.Since is not null ? int.MaxValue") { Seed = 9 },
        new("a degraded blueprint stays so", Breakers, "if (_breakers.Remove(slot.Blueprint, out var breaker) && breaker.Since is not null)", "if (_breakers.TryGetValue(slot.Blueprint, out var breaker) && breaker.Failures < 0)") { Seed = 9 },
        new("what a task waits for is never taken back", "Octopoid.Core/State/Settlements.cs", "told is null or { Status: ConditionStatus.True } ? null", "told?.Status != ConditionStatus.Unknown ? null") { Seed = 1 },
        new("what a person has said is not looked at", Eligibility, "IsAnswered(asked) ? new Due() : Awaits.Decision(asked, attempt)", "Awaits.Decision(asked, attempt)") { Seed = 1 },
        new("a flow that is edited wakes nobody", State, "RequeueWhere(t => t.Metadata.Namespace == key.Namespace && (t.Spec.Flow ?? DefaultFlow.Name) == key.Name, now);", "RequeueWhere(t => t.Metadata.Namespace == key.Name, now);") { Seed = 6 },
        new("a probe that a leader before us began is not known for one", Breakers, "is { Since: { } since } open && !slot.HasStarted", "is { Since: { } since } open && slot.JobName.Length == 0") { Seed = 9 },
        new("a reservation ends with its attempt", "Octopoid.Core/PullRequests/PullRequestTracking.cs", "        Counts.End(repository, now);\n", "") { Seed = 1 },
        new("a count that began before an attempt's end releases it", Counts, "attempt.Order < order && begun - attempt.At >= Settling", "attempt.Order >= 0") { Seed = 20 },
        new("a full gate holds repairs", Gate, "queue is { Repository: not null, HasOpenPullRequest: false }", "queue is { Repository: not null }") { Seed = 3 },
        new("new work passes as a repair", Gate, "queue is { Repository: not null, HasOpenPullRequest: false }", "queue is { Repository: not null, HasOpenPullRequest: true }") { Seed = 1 },
        new("a count that is too old opens the gate", Gate, "Duration() > TimeSpan.FromSeconds(limit)\n", "Duration() > TimeSpan.FromSeconds(limit + 3600)\n") { HasScenario = true },
        new("a new leader's gate is open before its first count", Gate, "if (RepositoryRules.HasForge(found) && Unknown", "if (RepositoryRules.HasForge(found) && state.PullRequests.CountOf(repository) is not null && Unknown") { Seed = 3 },
        new("a repository of which two objects speak is counted twice", Gate, "state.RepositoriesBySource.Sum(OpenIn)", "state.Repositories.Sum(repository => OpenIn([repository]))") { Seed = 31 },
        new("what a namesake's attempts may open is not counted", Gate, "OpenIn(all), all.Select(RepositoryRules.Key)", "OpenIn(all), new[] { repository }.Select(RepositoryRules.Key)") { Seed = 13 },
        new("a repository does not count the starts of one cycle", Gate, "here.Sum + taken.Here >= maximum", "here.Sum >= maximum") { Seed = 9 },
        new("the cluster does not count the starts of one cycle", Gate, "All.Sum + taken.All >= limit", "All.Sum >= limit") { Seed = 5 },
        new("a count that has failed tells of none", "Octopoid.Operator/Forge/CountPullRequests.cs", "new Fact.PullRequestCountFailed(key, count.Order, e.Failure);", "new Fact.PullRequestsCounted(key, count.Order, new Octopoid.Core.PullRequests.PullRequestCount(0));") { HasScenario = true },
        new("news that is older than the last attempt is believed", "Octopoid.Core/PullRequests/PullRequestNews.cs", "count.Order > _since.GetValueOrDefault(task.Metadata.Uid)", "count.Order >= 0") { Seed = 1 },
        new("what a forge tells is not told to tasks", State, "new Eligibility.PullRequestView(_pullRequests.NewsOf(task) is not null, ", "new Eligibility.PullRequestView(false, ") { Seed = 1 },
        new("what was judged by another head is met for ever", "Octopoid.Core/Outcomes/TaskSettlement.cs", "hasMoved && seen.State == PullRequestState.Open ?", "hasMoved && seen.State == PullRequestState.Merged ?") { Seed = 125 },
        new("what runs on of a deleted task reserves nothing", Slots, "? declarations.FindRepositoryByLabel(child.Namespace, child.Repository)", "? null") { Seed = 1156 },
        new("what a list lacks is not told", Store,
            "_objects.Remove(key);\n                changes.AddRange(Changed(new ObjectChange<T>(last, null)));", "_objects.Remove(key);") { HasScenario = true },
        new("a new leader is not told what is", "Octopoid.Kubernetes/Watching/Informer.cs", "if (_store.Count > 0)", "if (_store.Count > 1000)") { HasScenario = true },
    ];
}
