namespace Octopoid.Simulation.Tests.Mutations;

/// <summary>Bugs that the simulation must find.</summary>
/// <remarks>Not here is what two guards prevent, such as a Job for a claim that a late watch still shows: each has a test of its own.</remarks>
internal static class Mutants
{
    private const string State = "Octopoid.Core/State/ClusterState.cs";
    private const string Progress = "Octopoid.Core/Admission/SlotProgress.cs";
    private const string Selection = "Octopoid.Core/Admission/ClaimSelection.cs";
    private const string Eligibility = "Octopoid.Core/State/Eligibility.cs";
    private const string Store = "Octopoid.Kubernetes/Watching/ObjectStore.cs";
    private const string Effects = "Octopoid.Operator/Effects/";

    public static IReadOnlyList<Mutant> All { get; } =
    [
        new("a slot is freed while a pod still runs", Progress, " && pods.All(pod => pod.IsTerminal());", ";"),
        new("unseen pods are not asked for", Progress, "if (pods.Count == 0 && !slot.IsConfirmedOver", "if (pods.Count < 0 && !slot.IsConfirmedOver"),
        new("the cluster's cap counts what runs, not the ledger", Selection,
            "MaxConcurrent - state.Ledger.Count;", "MaxConcurrent - state.Ledger.Slots.Count(slot => slot.Phase == SlotPhase.Running);"),
        new("a blueprint's cap counts what runs, not the ledger", Selection,
            "state.Ledger.CountOf(BlueprintRules.Key(blueprint))",
            "state.Ledger.Slots.Count(slot => slot.Phase == SlotPhase.Running && slot.Blueprint == BlueprintRules.Key(blueprint))"),
        new("a paused orchestrator starts agents", Selection, "{ Spec.Paused: false } orchestrator", "{ } orchestrator"),
        new("a number of an attempt is used again", Selection, "(task.Status?.Attempt ?? 0) + 1", "Math.Max(1, task.Status?.Attempt ?? 0)"),
        new("blockers are ignored", Eligibility, "&& !blockers.All(isDone)", "&& blockers.Count > 99"),
        new("suspension is ignored", Eligibility, "if (task.Spec.Suspend)", "if (task.Spec.Suspend && task.Metadata.Name.Length == 0)"),
        new("a task is claimed before its time", Eligibility, "time > now)", "time > now.AddHours(3))"),
        new("what runs without a claim holds no slot", State, "|| Ledger.Find(taskUid) is not null)", "|| taskUid.Length > 0)"),
        new("an unknown claim gets no slot", State, "if (slot is null && ", "if (slot is null && uid.Length == 0 && "),
        new("a clock that is set back prolongs every pause", "Octopoid.Operator/Loop/AdmissionLoop.cs", "if (step < -Slewed)", "if (step < TimeSpan.MinValue)"),
        new("a refused claim is not tried again", State, "CompareSlot(task);\n        }\n\n        Requeue(fact.TaskUid, now);", "CompareSlot(task);\n        }"),
        new("alarms are not set", State, "=> _alarms.Enqueue(uid, time);", "=> _alarms.EnsureCapacity(1);"),
        new("a task that is to be cancelled is claimed", Eligibility, "if (task.Spec.Cancel)", "if (task.Spec.Cancel && task.Metadata.Name.Length == 0)"),
        new("done before it was cancelled is cancelled", Progress, "task.Spec.Cancel && end.Outcome != AttemptOutcome.Done", "task.Spec.Cancel"),
        new("a Job of another owner is adopted", Effects + "CreateJob.cs", "=> job.Metadata.IsOwnedBy(slot.TaskUid);", "=> job.Metadata.Name == slot.JobName;"),
        new("a Job that is there already is a refusal", Effects + "CreateJob.cs", "(e.IsAlreadyExists || isAmbiguous) && ", "slot.Attempt < 0 && "),
        new("a claim without an answer is a refusal", Effects + "ClaimTask.cs", "if (isAmbiguous && ", "if (isAmbiguous && slot.Attempt < 0 && "),
        new("status is patched whatever has changed", Effects + "TaskClient.cs",
            "MergePatch.StatusBody(resourceVersion, status)",
            "System.Text.Encoding.UTF8.GetBytes(new JsonObject { [\"status\"] = status.DeepClone() }.ToJsonString())"),
        new("refused credentials end the process", Effects + "Retries.cs",
            "when (e is ApiException or ", "when (e is ApiException { Code: not HttpStatusCode.Unauthorized } or "),
        new("a leader writes when its time is over", "Octopoid.Kubernetes/Leases/FencedTransport.cs",
            "if (_leadership.Slack < _patience)", "if (_patience < TimeSpan.Zero)"),
        new("what a list lacks is not told", Store,
            "_objects.Remove(key);\n                changes.AddRange(Changed(new ObjectChange<T>(last, null)));", "_objects.Remove(key);"),
        new("a new leader is not told what is", "Octopoid.Kubernetes/Watching/Informer.cs", "if (_store.Count > 0)", "if (_store.Count > 1000)"),
    ];
}
