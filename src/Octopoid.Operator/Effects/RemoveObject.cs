using System.Text;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Removes what was kept long enough: ended Jobs, ended tasks. What they own goes after them.</summary>
internal sealed partial class RemoveObject(FencedTransport transport, Retries retries, ILogger<RemoveObject> logger)
{
    /// <summary>Removes. The watch tells the loop of the end; what stands is asked for again.</summary>
    public Task RunAsync(Decision.Remove removal, CancellationToken cancellationToken) => retries.UntilDefiniteAsync(
        "remove what is left", removal.Name.ToString(), (_, token) => RemoveAsync(removal, token), cancellationToken);

    private async Task<bool> RemoveAsync(Decision.Remove removal, CancellationToken cancellationToken)
    {
        var preconditions = new JsonObject { ["uid"] = removal.Uid };
        if (removal is Decision.RemoveTask { ResourceVersion: var version })
        {
            // A person may have decided to retry it meanwhile.
            preconditions["resourceVersion"] = version;
        }

        var options = new JsonObject { ["propagationPolicy"] = "Background", ["preconditions"] = preconditions };
        var (path, kind) = removal is Decision.RemoveTask
            ? (ResourcePaths.Tasks.Object(removal.Name.Namespace, removal.Name.Name), "task")
            : (ResourcePaths.Jobs.Object(removal.Name.Namespace, removal.Name.Name), "Job");
        try
        {
            await transport.DeleteAsync(path, Encoding.UTF8.GetBytes(options.ToJsonString()), cancellationToken).ConfigureAwait(false);
            LogRemoved(kind, removal.Name);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone, or changed since, or another has its name.
        }
        catch (ApiException e) when (Retries.IsDefinite(e))
        {
            LogRefused(kind, removal.Name, e.Message);
        }

        return true;
    }

    [LoggerMessage(EventId = 3601, Level = LogLevel.Debug, Message = "Removed {Kind} {Name}, which was kept as long as the retention says.")]
    private partial void LogRemoved(string kind, NamespacedName name);

    [LoggerMessage(EventId = 3602, Level = LogLevel.Warning, Message = "The API server does not let {Kind} {Name} be removed: {Error}")]
    private partial void LogRefused(string kind, NamespacedName name, string error);
}
