using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;

namespace Octopoid.Core.State;

/// <summary>A unit of capacity in use: one attempt of one task, from before its first write until its last pod is gone.</summary>
/// <param name="TaskUid">The task's UID.</param>
/// <param name="Task">Where the task is.</param>
/// <param name="Blueprint">The blueprint whose instance this is.</param>
/// <param name="Attempt">The attempt's number.</param>
/// <param name="JobName">The name of its Job.</param>
/// <param name="Phase">How far it has come.</param>
public sealed record Slot(
    string TaskUid, NamespacedName Task, NamespacedName Blueprint, int Attempt, string JobName, SlotPhase Phase)
{
    /// <summary>Where its Job is.</summary>
    public NamespacedName Job => new(Task.Namespace, JobName);

    /// <summary>When it was claimed; null until the claim stands.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The condition under review; null when the attempt is no review.</summary>
    public string? Condition { get; init; }

    /// <summary>The repository in which the attempt may open a pull request; null when it will not.</summary>
    public NamespacedName? OpensPullRequestIn { get; init; }

    /// <summary>The number of its task's own pull request there; null when it has none on record. While that is open, the attempt opens no other.</summary>
    public long? MendsPullRequest { get; init; }

    /// <summary>The whole task as the claim's answer brought it; null when the claim was found, not made: then it is read once when needed.</summary>
    public AgentTask? ClaimedTask { get; init; }

    /// <summary>How the attempt ends because its Job cannot be made; null unless it was refused.</summary>
    public AttemptEnd? Refusal { get; init; }

    /// <summary>Before this time the slot is left alone: its result was refused, or more of the attempt lives than is seen; null when neither is so.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Every pod that the attempt has had, oldest first, each as it was last seen: a pod that is gone tells how it ended all the same.</summary>
    public IReadOnlyList<ObservedPod> Pods { get; init; } = [];

    /// <summary>True once a pod of the attempt was seen.</summary>
    public bool HasSeenPod => Pods.Count > 0;

    /// <summary>True once its agent was seen to run.</summary>
    public bool HasStarted { get; init; }

    /// <summary>True once it was counted as one that could not start.</summary>
    public bool IsCountedAsFailedStart { get; init; }

    /// <summary>What keeps it waiting, a word of <see cref="Reasons"/>, as an Event has told; null when none has.</summary>
    public string? Announced { get; init; }

    /// <summary>True once its Job's deletion was asked for: the task is cancelled, or the result is recorded and it runs on.</summary>
    public bool IsStopping { get; init; }

    /// <summary>Since when a pod of it is being deleted and has not ended; null when none is.</summary>
    public DateTimeOffset? LeavingSince { get; init; }

    /// <summary>True while the API server is being asked what is left of the attempt.</summary>
    public bool IsInspecting { get; init; }

    /// <summary>When the API server last told what is left of the attempt; null before.</summary>
    public DateTimeOffset? InspectedAt { get; init; }

    /// <summary>True once the API server has said that nothing of the attempt runs any more.</summary>
    public bool IsConfirmedOver { get; init; }

    /// <summary>Since when its Job has been seen to live without a pod; null before, and once there is one.</summary>
    public DateTimeOffset? PodlessSince { get; init; }

    /// <summary>Why its Job gets no pod, the API server's sentence; null when that is not known.</summary>
    public string? QuotaExceeded { get; init; }

    /// <summary>When the Job was first seen terminal or gone with no pod to tell why; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>The slot, having seen a pod of its attempt: new, changed, or for the last time.</summary>
    /// <param name="pod">The pod.</param>
    public Slot With(ObservedPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var known = Pods.ToList();
        var place = known.FindIndex(other => other.Metadata.Uid == pod.Metadata.Uid);
        if (place < 0)
        {
            known.Add(pod);
        }
        else
        {
            known[place] = pod;
        }

        return this with
        {
            Pods = known, PodlessSince = null, QuotaExceeded = null, HasStarted = HasStarted || Outcomes.Classification.HasStarted(pod),
        };
    }
}
