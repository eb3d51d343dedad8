using System.Text;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Deletes the Job of an attempt, its pods first: the Job stands until they are gone.</summary>
internal sealed partial class DeleteJob(FencedTransport transport, Retries retries, ILogger<DeleteJob> logger)
{
    /// <summary>Deletes. The watch tells the loop of the end.</summary>
    public Task RunAsync(Decision.DeleteJob delete, CancellationToken cancellationToken) => retries.UntilDefiniteAsync(
        "delete the Job", delete.Slot.Task.ToString(), (_, token) => DeleteAsync(delete.Slot, delete.JobUid, token), cancellationToken);

    private async Task<bool> DeleteAsync(Slot slot, string uid, CancellationToken cancellationToken)
    {
        var options = new JsonObject
        {
            ["propagationPolicy"] = "Foreground",
            ["preconditions"] = new JsonObject { ["uid"] = uid },
        };
        try
        {
            await transport.DeleteAsync(
                ResourcePaths.Jobs.Object(slot.Task.Namespace, slot.JobName), Encoding.UTF8.GetBytes(options.ToJsonString()), cancellationToken)
                .ConfigureAwait(false);
            LogDeleted(slot.Task, slot.JobName);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or another has its name: neither is ours to delete.
        }

        return true;
    }

    [LoggerMessage(EventId = 3501, Level = LogLevel.Information, Message = "Task {Task}: deleting Job {Job}, which is to end.")]
    private partial void LogDeleted(NamespacedName task, string job);
}
