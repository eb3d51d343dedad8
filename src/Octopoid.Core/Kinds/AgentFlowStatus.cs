namespace Octopoid.Core.Kinds;

/// <summary>What the operator found of a flow.</summary>
public sealed record AgentFlowStatus
{
    /// <summary>The generation of the spec that this was judged by.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The aspects of the state, one each.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
