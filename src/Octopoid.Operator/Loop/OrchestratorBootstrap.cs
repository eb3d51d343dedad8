using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Loop;

/// <summary>Makes the orchestrator named <c>default</c>, with the schema's defaults, if there is none when the loop begins.</summary>
/// <remarks>Once, at the start: deleted later, it stays deleted, and nothing starts.</remarks>
internal sealed partial class OrchestratorBootstrap(
    ApiTransport transport, Watches watches, Persistence persistence, OperatorOptions options, ILogger<OrchestratorBootstrap> logger)
{
    /// <summary>Makes it if it is wanted and missing.</summary>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!options.CreateOrchestrator || watches.Orchestrators.Store.Objects.Any())
        {
            return;
        }

        await persistence.UntilDefiniteAsync<string>(
            "create the orchestrator", AgentOrchestrator.SingletonName, CreateAsync, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string?> CreateAsync(bool isAmbiguous, CancellationToken cancellationToken)
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
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Somebody was faster.
        }

        return "";
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information,
        Message = "Created the AgentOrchestrator named default: at most {MaxConcurrent} agents run at once.")]
    private partial void LogCreated(int maxConcurrent);
}
