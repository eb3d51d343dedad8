using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Operator.Status;

/// <summary>Tells of a task by its Events: two an attempt, one when it starts and one when it has ended; one more for what keeps it waiting; and one for
/// each change of state without an attempt.</summary>
internal sealed class TaskEvents(EventRecorder recorder) : BackgroundService
{
    /// <summary>Its Job has been created.</summary>
    public void Started(Slot slot) => recorder.Publish(
        Reference(slot),
        EventType.Normal,
        Reasons.AttemptRunning,
        "CreateJob",
        $"Attempt {slot.Attempt} starts as an instance of {slot.Blueprint.Name}: Job {slot.JobName}.");

    /// <summary>Something keeps its pod from starting, or from ending.</summary>
    public void Waits(Slot slot, string reason, string message) => recorder.Publish(
        Reference(slot), EventType.Warning, reason, "AwaitPod", $"Attempt {slot.Attempt} waits: {message}");

    /// <summary>A person's decision, or its flow, has taken it from one state to another.</summary>
    public void Moved(NamespacedName task, string uid, StateChange change) => recorder.Publish(
        Reference(task, uid), EventType.Normal, change.Reason ?? Reasons.ConditionsMet, "ChangeState", $"The task went from {change.From} to {change.To}.");

    /// <summary>Its end is recorded.</summary>
    public void Ended(Slot slot, AttemptEnd end, string state) => recorder.Publish(
        Reference(slot),
        end.Outcome == AttemptOutcome.Failed ? EventType.Warning : EventType.Normal,
        end.Reason,
        "RecordResult",
        $"Attempt {slot.Attempt} has ended; the task is now {state}."
        + (end.Message.Length > 0 && end.Outcome == AttemptOutcome.Failed ? $" {end.Message}" : ""));

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => recorder.RunAsync(stoppingToken);

    private static ObjectReference Reference(Slot slot) => Reference(slot.Task, slot.TaskUid);

    private static ObjectReference Reference(NamespacedName task, string uid) => new(
        ApiGroup.ApiVersion, AgentTask.KindName, task.Namespace, task.Name, uid);
}
