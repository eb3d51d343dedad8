using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Reads tasks whole and writes their status. What a write answers is known to the watches at once.</summary>
internal sealed class TaskClient(FencedTransport transport, Watches watches)
{
    /// <summary>Reads a task; null when it is gone, or another has its name.</summary>
    public async Task<AgentTask?> ReadAsync(NamespacedName key, string uid, CancellationToken cancellationToken)
    {
        try
        {
            var task = await transport.GetAsync(
                ResourcePaths.Tasks.Object(key.Namespace, key.Name), KindsJson.Default.AgentTask, cancellationToken).ConfigureAwait(false);
            if (task.Metadata.Uid != uid)
            {
                return null;
            }

            // A write whose answer was lost is known from here on, whatever the watch has brought.
            watches.Tasks.Observe(ObservedTask.From(task));
            return task;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    /// <summary>Changes a task's status, if the task is still in the state it was read in.</summary>
    /// <param name="key">Where it is.</param>
    /// <param name="resourceVersion">The state it was read in. It is the only guard: the server accepts a patch that names another UID.</param>
    /// <param name="status">The fields to change; a null removes one.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    public async Task<AgentTask> PatchStatusAsync(
        NamespacedName key, string resourceVersion, JsonObject status, CancellationToken cancellationToken)
    {
        var written = await transport.MergePatchAsync(
            ResourcePaths.Tasks.Object(key.Namespace, key.Name, "status"),
            MergePatch.StatusBody(resourceVersion, status),
            KindsJson.Default.AgentTask,
            cancellationToken).ConfigureAwait(false);
        watches.Tasks.Observe(ObservedTask.From(written));
        return written;
    }
}
