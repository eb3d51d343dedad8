using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Reads Jobs live, where a watch may lag.</summary>
internal static class JobReads
{
    /// <summary>The Job of an attempt's name, whoever's it is; null when there is none.</summary>
    public static async Task<ObservedJob?> FindJobAsync(this IApiTransport transport, Slot slot, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.GetAsync(
                ResourcePaths.Jobs.Object(slot.Task.Namespace, slot.JobName), ObservedJson.Default.ObservedJob, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }
}
