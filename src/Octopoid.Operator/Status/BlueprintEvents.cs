using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Operator.Status;

/// <summary>Tells by an Event of a blueprint that it has become degraded, and that it is well again: one each, however many attempts fail between.</summary>
internal sealed partial class BlueprintEvents(EventRecorder recorder, ILogger<BlueprintEvents> logger)
{
    /// <summary>A blueprint has become degraded, or well again.</summary>
    /// <param name="turn">Which way.</param>
    /// <param name="blueprint">The blueprint; null when it is gone.</param>
    public void Turned(BreakerTurn turn, AgentBlueprint? blueprint)
    {
        LogTurn(turn.Blueprint, turn.IsDegraded ? "degraded" : "well again", turn.Message);
        if (blueprint is not null)
        {
            recorder.Publish(
                new ObjectReference(
                    ApiGroup.ApiVersion, AgentBlueprint.KindName, blueprint.Metadata.Namespace, blueprint.Metadata.Name, blueprint.Metadata.Uid),
                turn.IsDegraded ? EventType.Warning : EventType.Normal,
                turn.IsDegraded ? Reasons.StartFailures : Reasons.Valid,
                "StartAgent",
                turn.Message);
        }
    }

    [LoggerMessage(EventId = 2301, Level = LogLevel.Warning, Message = "Blueprint {Blueprint} is {Turn}: {Message}")]
    private partial void LogTurn(NamespacedName blueprint, string turn, string message);
}
