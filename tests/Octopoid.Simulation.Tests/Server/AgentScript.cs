using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>What a pod does that leaves nothing to chance.</summary>
/// <param name="Status">How it ends; or how it stands, if it never starts.</param>
/// <param name="Seconds">How long it runs.</param>
internal sealed record AgentScript(JsonObject Status, double Seconds)
{
    /// <summary>False for a pod whose agent never starts.</summary>
    public bool Starts { get; init; } = true;
}
