using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>What keeps an attempt from starting, or its slot from being freed, by what Job and pod tell of themselves. Pure.</summary>
public static class PodTrouble
{
    /// <summary>A pod that was told to go ends within its grace of 60 s; one that does not is on a node that no longer answers.</summary>
    internal static readonly TimeSpan Leaving = TimeSpan.FromSeconds(120);

    /// <summary>What an attempt waits for, and is to be told of; null when all goes its way.</summary>
    /// <param name="slot">The attempt.</param>
    /// <param name="now">The time.</param>
    public static (string Reason, string Message)? Of(Slot slot, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (slot.LeavingSince is { } since && now - since >= Leaving)
        {
            return (Reasons.NodeLost, $"The pod {slot.Pods[^1].Metadata.Name} was told to go and does not: its node does not answer, and the pod may still run.");
        }

        if (slot.HasStarted)
        {
            return null;
        }

        return slot.QuotaExceeded is { } quota ? (Reasons.QuotaExceeded, quota)
            : slot.Pods.Count > 0 ? OfPod(slot.Pods[^1])
            : null;
    }

    /// <summary>How an attempt ends that has waited for its start beyond the limit.</summary>
    /// <param name="slot">The attempt.</param>
    /// <param name="now">The time.</param>
    /// <param name="limit">The limit.</param>
    public static AttemptEnd NotStarted(Slot slot, DateTimeOffset now, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(slot);
        var (reason, message) = Of(slot, now) is { Reason: not Reasons.NodeLost } known
            ? known
            : (Reasons.PendingTimeout, slot.Pods.Count == 0 ? "Its Job has got no pod." : "Its pod has not started.");
        return AttemptEnd.StartFailure(reason, $"The agent had not started after {limit.TotalSeconds:0} s. {message}");
    }

    /// <summary>True for trouble that no waiting mends.</summary>
    /// <param name="pod">The pod.</param>
    public static bool IsFinal(ObservedPod pod) => Waiting(pod)?.Reason == "InvalidImageName";

    private static (string Reason, string Message)? OfPod(ObservedPod pod)
    {
        if (Waiting(pod) is { } waiting)
        {
            return waiting.Reason is "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" or "ErrImageNeverPull" or "RegistryUnavailable" or "ImageInspectError"
                or "SignatureValidationFailed"
                ? (Reasons.ImagePullFailed, $"The image cannot be pulled: {waiting.Message ?? waiting.Reason}")
                : (Reasons.PendingTimeout, $"The pod cannot start: {waiting.Reason}: {waiting.Message ?? "no more is known"}");
        }

        return pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "PodScheduled", Status: "False" }) is { } unscheduled
            ? (Reasons.Unschedulable, $"No node takes the pod: {unscheduled.Message ?? unscheduled.Reason}")
            : null;
    }

    /// <summary>A container that waits for more than its turn.</summary>
    private static ObservedPod.WaitingState? Waiting(ObservedPod pod) =>
        (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? [])
            .Select(container => container.State?.Waiting)
            .FirstOrDefault(waiting => waiting?.Reason is not (null or "ContainerCreating" or "PodInitializing"));
}
