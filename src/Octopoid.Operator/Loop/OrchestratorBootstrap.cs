using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Loop;

/// <summary>Makes the orchestrator named <c>default</c>, with the schema's defaults, if there is none when the loop begins.</summary>
/// <remarks>Once, at the start: deleted later, it stays deleted, and nothing starts.</remarks>
internal sealed partial class OrchestratorBootstrap(
    FencedTransport transport, Watches watches, Retries retries, OperatorOptions options, ILogger<OrchestratorBootstrap> logger)
{
    /// <summary>Makes it if it is wanted and missing.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!options.CreateOrchestrator || watches.Orchestrators.Count > 0)
        {
            return;
        }

        await retries.UntilDefiniteAsync(
            "create the orchestrator", AgentOrchestrator.SingletonName, (_, token) => CreateAsync(token), cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> CreateAsync(CancellationToken cancellationToken)
    {
        var orchestrator = new AgentOrchestrator { Metadata = new ObjectMeta { Name = AgentOrchestrator.SingletonName } };
        try
        {
            await transport.PostAsync(
                ResourcePaths.Orchestrators.Collection(null),
                JsonSerializer.SerializeToUtf8Bytes(orchestrator, KindsJson.Default.AgentOrchestrator),
                KindsJson.Default.AgentOrchestrator,
                cancellationToken).ConfigureAwait(false);
            LogCreated(orchestrator.Spec.MaxConcurrent);
            return true;
        }
        catch (ApiException e) when (Retries.IsDefinite(e))
        {
            // Somebody was faster, or it must be made by somebody else: blueprints say NoOrchestrator until it is there.
            if (!e.IsAlreadyExists)
            {
                LogRefused(e.Message);
            }

            return false;
        }
    }

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "The AgentOrchestrator named default cannot be created: {Error}")]
    private partial void LogRefused(string error);

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information,
        Message = "Created the AgentOrchestrator named default: at most {MaxConcurrent} agents run at once.")]
    private partial void LogCreated(int maxConcurrent);
}
