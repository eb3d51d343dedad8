using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Pools;

/// <summary>What the API server had, read at about one time.</summary>
internal sealed record PoolSnapshot
{
    public IReadOnlyList<AgentBlueprint> Blueprints { get; init; } = [];

    public IReadOnlyList<AgentTask> Tasks { get; init; } = [];

    public IReadOnlyList<AgentRepository> Repositories { get; init; } = [];

    public IReadOnlyList<AgentFlow> Flows { get; init; } = [];

    /// <summary>The orchestrator; null where there is none, or it may not be read.</summary>
    public AgentOrchestrator? Orchestrator { get; init; }

    /// <summary>Who leads, as far as its Lease may be read.</summary>
    public OperatorLead? Lead { get; init; }
}
