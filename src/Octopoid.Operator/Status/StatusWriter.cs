using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Kinds;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Status;

/// <summary>Writes the status of blueprints and orchestrator where it differs from what the API server has; at most once a second each.</summary>
/// <remarks>Called by the loop, which it never blocks. Level-based: what a write did not bring about, the next report finds missing.</remarks>
internal sealed partial class StatusWriter(
    ApiTransport transport, Watches watches, OperatorIdentity identity, TimeProvider time, ILogger<StatusWriter> logger)
{
    /// <summary>Once a second is fast enough for eyes; more often, a busy pool's status would outnumber its claims on the API server.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>After a failure, wait: the status is the least of an ailing API server's worries.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, Task> _writes = [];
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;
    private bool _isDue = true;

    /// <summary>When the next report is due; null when nothing has changed.</summary>
    public DateTimeOffset? NextReport => _isDue ? _notBefore : null;

    /// <summary>Compares what is with what should be, and writes the difference.</summary>
    /// <param name="state">All that is known.</param>
    /// <param name="hasChanged">True when it has changed since the last call.</param>
    /// <param name="now">The time.</param>
    public void Report(ClusterState state, bool hasChanged, DateTimeOffset now)
    {
        _isDue |= hasChanged;
        if (!_isDue || now < _notBefore)
        {
            return;
        }

        _notBefore = now + Interval;
        _isDue = false;
        foreach (var blueprint in state.Blueprints)
        {
            Write(
                ResourcePaths.Blueprints.Object(blueprint.Metadata.Namespace, blueprint.Metadata.Name, "status"),
                blueprint.Metadata.ResourceVersion,
                Json(blueprint.Status, KindsJson.Default.AgentBlueprintStatus),
                Json(BlueprintReport.Of(blueprint, state, now), KindsJson.Default.AgentBlueprintStatus)!,
                KindsJson.Default.AgentBlueprint,
                watches.Blueprints.Observe);
        }

        if (state.Orchestrator is { } orchestrator)
        {
            Write(
                ResourcePaths.Orchestrators.Object(null, orchestrator.Metadata.Name, "status"),
                orchestrator.Metadata.ResourceVersion,
                Json(orchestrator.Status, KindsJson.Default.AgentOrchestratorStatus),
                Json(
                    OrchestratorReport.Of(orchestrator, state, identity.Name, identity.Version, now),
                    KindsJson.Default.AgentOrchestratorStatus)!,
                KindsJson.Default.AgentOrchestrator,
                watches.Orchestrators.Observe);
        }
    }

    private void Write<T>(string path, string resourceVersion, JsonObject? before, JsonObject after, JsonTypeInfo<T> json, Action<T> observe)
    {
        if (MergePatch.Between(before, after) is not { } patch)
        {
            _writes.Remove(path);
            return;
        }

        _isDue = true;
        if (!_writes.TryGetValue(path, out var write) || write.IsCompleted)
        {
            _writes[path] = SendAsync(path, MergePatch.StatusBody(resourceVersion, patch), json, observe);
        }
    }

    private async Task SendAsync<T>(string path, byte[] body, JsonTypeInfo<T> json, Action<T> observe)
    {
        try
        {
            // Not the loop's token: a status under way when the process ends may as well land.
            observe(await transport.MergePatchAsync(path, body, json, CancellationToken.None).ConfigureAwait(false));
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // It has changed, or is gone: the watch will tell, and the next report goes by that.
        }
        catch (Exception e) when (e is ApiException || ApiException.IsTransient(e))
        {
            LogFailed(path, e.Message);
            await Task.Delay(AfterFailure, time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static JsonObject? Json<T>(T? status, JsonTypeInfo<T> json)
        where T : class => status is null ? null : JsonSerializer.SerializeToNode(status, json)!.AsObject();

    [LoggerMessage(EventId = 4001, Level = LogLevel.Warning, Message = "Cannot write the status at {Path} yet: {Error}")]
    private partial void LogFailed(string path, string error);
}
