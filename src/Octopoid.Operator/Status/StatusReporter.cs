using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.Reporting;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Status;

/// <summary>Has the status of blueprints, flows, repositories and orchestrator written where it differs from what the API server has; at most once a second each.</summary>
/// <remarks>Called by the loop, which it never blocks. Level-based: what a write did not bring about, the next report finds missing.</remarks>
internal sealed class StatusReporter(StatusWriter writer, Watches watches, GateReporter gates, PoolMetrics metrics, AttemptMetrics attempts, OperatorIdentity identity) : IDisposable
{
    /// <summary>Once a second is fast enough for eyes; more often, a busy pool's status would outnumber its claims on the API server.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;
    private bool _isDue = true;

    /// <summary>When the next report is due; null when nothing has changed.</summary>
    public DateTimeOffset? NextReport => _isDue ? _notBefore : null;

    /// <summary>Notes that the clock was set back.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step) => _notBefore = _notBefore > DateTimeOffset.MinValue ? _notBefore + step : _notBefore;

    /// <summary>Compares what is with what should be, and has the difference written.</summary>
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
        var gate = new PullRequestGate(state, now);
        var pools = state.Blueprints.Select(blueprint => (Blueprint: blueprint, Status: BlueprintReport.Of(blueprint, state, gate, now))).ToList();
        foreach (var (blueprint, report) in pools)
        {
            _isDue |= !writer.Write(
                ResourcePaths.Blueprints.Object(blueprint.Metadata.Namespace, blueprint.Metadata.Name, "status"),
                blueprint.Metadata.ResourceVersion,
                Json(blueprint.Status, KindsJson.Default.AgentBlueprintStatus),
                Json(report, KindsJson.Default.AgentBlueprintStatus)!,
                KindsJson.Default.AgentBlueprint,
                watches.Blueprints.Observe);
        }

        foreach (var flow in state.Flows)
        {
            _isDue |= !writer.Write(
                ResourcePaths.Flows.Object(flow.Metadata.Namespace, flow.Metadata.Name, "status"),
                flow.Metadata.ResourceVersion,
                Json(flow.Status, KindsJson.Default.AgentFlowStatus),
                Json(FlowReport.Of(flow, state, now), KindsJson.Default.AgentFlowStatus)!,
                KindsJson.Default.AgentFlow,
                watches.Flows.Observe);
        }

        foreach (var repository in state.Repositories)
        {
            if (RepositoryReport.Of(repository, state, gate, now) is not { } report)
            {
                continue;
            }

            gates.Report(repository, report, state.PullRequests.CountOf(RepositoryRules.Key(repository))?.At, gate.Judge(RepositoryRules.Key(repository))?.IsOfCluster == true);
            _isDue |= !writer.Write(
                ResourcePaths.Repositories.Object(repository.Metadata.Namespace, repository.Metadata.Name, "status"),
                repository.Metadata.ResourceVersion,
                Json(repository.Status, KindsJson.Default.AgentRepositoryStatus),
                Json(report, KindsJson.Default.AgentRepositoryStatus)!,
                KindsJson.Default.AgentRepository,
                watches.Repositories.Observe);
        }

        gates.Forget(state);
        metrics.Report(state, pools, gate);
        if (state.Orchestrator is { } orchestrator)
        {
            gates.Report(orchestrator, gate.All);
            _isDue |= !writer.Write(
                ResourcePaths.Orchestrators.Object(null, orchestrator.Metadata.Name, "status"),
                orchestrator.Metadata.ResourceVersion,
                Json(orchestrator.Status, KindsJson.Default.AgentOrchestratorStatus),
                Json(
                    OrchestratorReport.Of(orchestrator, state, gate, identity.Name, identity.Version, now),
                    KindsJson.Default.AgentOrchestratorStatus)!,
                KindsJson.Default.AgentOrchestrator,
                watches.Orchestrators.Observe);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        gates.Clear();
        metrics.Clear();
        attempts.Clear();
    }

    private static JsonObject? Json<T>(T? status, JsonTypeInfo<T> json)
        where T : class => status is null ? null : JsonSerializer.SerializeToNode(status, json)!.AsObject();
}
