using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Operator.Status;

/// <summary>Tells of an attempt by Events of its task: two, one when it starts and one when it has ended; and one more if it waits for quota.</summary>
internal sealed class AttemptEvents(EventRecorder recorder) : BackgroundService
{
    /// <summary>Its Job has been created.</summary>
    public void Started(Slot slot) => recorder.Publish(
        Reference(slot),
        EventType.Normal,
        Reasons.AttemptRunning,
        "CreateJob",
        $"Attempt {slot.Attempt} starts as an instance of {slot.Blueprint.Name}: Job {slot.JobName}.");

    /// <summary>Its Job gets no pod before there is quota for one.</summary>
    public void AwaitsQuota(Slot slot, string quota) => recorder.Publish(
        Reference(slot), EventType.Warning, Reasons.QuotaExceeded, "AwaitPod", $"Attempt {slot.Attempt} waits for its pod: {quota}");

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

    private static ObjectReference Reference(Slot slot) => new(
        $"{ApiGroup.Name}/{ApiGroup.Version}", nameof(AgentTask), slot.Task.Namespace, slot.Task.Name, slot.TaskUid);
}
