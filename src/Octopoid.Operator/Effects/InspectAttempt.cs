using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Asks the API server about an attempt of which no pod is seen: what is left of it, or why its Job gets none.</summary>
internal sealed class InspectAttempt(FencedTransport transport, Watches watches, Retries retries, Inbox inbox)
{
    /// <summary>The Job controller's own label: it finds its pods by it, so whoever takes it off takes the pod from its Job.</summary>
    private const string JobNameLabel = "job-name";

    /// <summary>For each list an API server may have to read every pod of the namespace out of etcd. Of thousands of pods, as many lists as there are
    /// requests at once would take all of it: the lead is lost for want of a renewal, and the next leader asks the same again.</summary>
    private readonly Lane _lane = new(2);

    /// <summary>Asks, and tells the loop.</summary>
    public async Task RunAsync(Decision.Inspect inspect, CancellationToken cancellationToken) => inbox.Post(
        await retries.UntilDefiniteAsync(
            "look at the attempt", inspect.Slot.Task.ToString(), (_, token) => AskAsync(inspect.Slot, token), cancellationToken, _lane)
            .ConfigureAwait(false));

    private async Task<Fact> AskAsync(Slot slot, CancellationToken cancellationToken)
    {
        // The Job first: once it is seen to be gone, no pod of it is made any more.
        var job = await transport.FindJobAsync(slot, cancellationToken).ConfigureAwait(false);
        var isOurs = job?.Metadata.IsOwnedBy(slot.TaskUid) == true;
        var listed = await transport.GetAsync(
            ResourcePaths.Pods.Collection(slot.Task.Namespace)
            + "?labelSelector=" + Uri.EscapeDataString($"{JobNameLabel}={slot.JobName}"),
            ObservedJson.Default.PodList,
            cancellationToken).ConfigureAwait(false);

        // What no watch will tell of again must not be kept as if one did.
        if (isOurs && job!.Metadata.IsManaged)
        {
            watches.Jobs.Observe(job);
        }

        var pods = (listed.Items ?? []).Where(pod => IsOf(slot, pod, isOurs ? job!.Metadata.Uid : null)).ToList();
        foreach (var pod in pods.Where(pod => pod.Metadata.IsManaged))
        {
            watches.Pods.Observe(pod);
        }

        var isOver = (!isOurs || job!.TerminalCondition is not null) && pods.All(pod => pod.IsTerminal());
        var quota = isOver || pods.Count > 0 ? null : await FindQuotaAsync(slot, job!, cancellationToken).ConfigureAwait(false);
        return new Fact.Inspected(slot.TaskUid, slot.Attempt, isOver, quota, pods);
    }

    /// <summary>What the Job controller says of the pod that it may not make: in an Event, and nowhere else.</summary>
    private async Task<string?> FindQuotaAsync(Slot slot, ObservedJob job, CancellationToken cancellationToken)
    {
        try
        {
            var events = await transport.GetAsync(
                ResourcePaths.Events.Collection(slot.Task.Namespace)
                + "?limit=10&fieldSelector=" + Uri.EscapeDataString($"involvedObject.uid={job.Metadata.Uid},reason=FailedCreate"),
                ObservedJson.Default.EventList,
                cancellationToken).ConfigureAwait(false);
            return events.Items?.LastOrDefault(e => e.Message?.Contains("exceeded quota", StringComparison.Ordinal) == true)?.Message;
        }
        catch (ApiException e) when (Retries.IsDefinite(e))
        {
            // It explains, and decides nothing: whoever may not read it goes without.
            return null;
        }
    }

    /// <summary>A pod of the attempt: its Job's, or one that was taken from its Job and still runs.</summary>
    private static bool IsOf(Slot slot, ObservedPod pod, string? jobUid) => pod.Metadata switch
    {
        { ControllerUid: null } loose => loose.TaskUid == slot.TaskUid && loose.Attempt == slot.Attempt,
        var controlled when jobUid is not null => controlled.IsOwnedBy(jobUid),
        var controlled => controlled.ControllerJob == slot.JobName,
    };
}
