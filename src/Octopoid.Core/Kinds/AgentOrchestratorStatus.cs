namespace Octopoid.Core.Kinds;

/// <summary>What the leader found of the whole cluster.</summary>
public sealed record AgentOrchestratorStatus
{
    /// <summary>The generation of the spec that this was judged by.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Agents that hold a slot now.</summary>
    public int? Running { get; init; }

    /// <summary>Open pull requests of all repositories, as last counted.</summary>
    public int? OpenPullRequests { get; init; }

    /// <summary>Tasks that wait to be claimed.</summary>
    public int? Pending { get; init; }

    /// <summary>The operator's pod that leads.</summary>
    public string? Holder { get; init; }

    /// <summary>The version of the operator that leads.</summary>
    public string? Version { get; init; }

    /// <summary>The aspects of the state, one each.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
