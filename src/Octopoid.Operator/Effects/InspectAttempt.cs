using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Asks the API server what is left of an attempt that seems to be over though no pod of it was ever seen.</summary>
internal sealed class InspectAttempt(FencedTransport transport, Watches watches, Retries retries, Inbox inbox)
{
    /// <summary>Asks, and tells the loop.</summary>
    public async Task RunAsync(Decision.Inspect inspect, CancellationToken cancellationToken) => inbox.Post(
        await retries.UntilDefiniteAsync(
            "see what is left of the attempt", inspect.Slot.Task.ToString(), (_, token) => AskAsync(inspect.Slot, token), cancellationToken)
            .ConfigureAwait(false));

    private async Task<Fact> AskAsync(Slot slot, CancellationToken cancellationToken)
    {
        // The Job first: once it is seen to be gone, no pod of it is made any more.
        var job = await transport.FindJobAsync(slot, cancellationToken).ConfigureAwait(false);
        var isOurs = job?.Metadata.IsOwnedBy(slot.TaskUid) == true;
        var pods = await transport.GetAsync(
            ResourcePaths.Pods.Collection(slot.Task.Namespace)
            + "?labelSelector=" + Uri.EscapeDataString($"{Labels.TaskUid}={slot.TaskUid},{Labels.Attempt}={slot.Attempt}"),
            ObservedJson.Default.PodList,
            cancellationToken).ConfigureAwait(false);
        if (isOurs)
        {
            watches.Jobs.Observe(job!);
        }

        var living = (pods.Items ?? []).Where(pod => pod.Metadata.IsControlledByJob(slot.JobName)).ToList();
        living.ForEach(watches.Pods.Observe);
        return new Fact.Inspected(
            slot.TaskUid, slot.Attempt, (!isOurs || job!.TerminalCondition is not null) && living.All(pod => pod.IsTerminal()));
    }
}
