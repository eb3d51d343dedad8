namespace Octopoid.Core.Kinds;

/// <summary>What the operator found of a repository.</summary>
public sealed record AgentRepositoryStatus
{
    /// <summary>The generation of the spec that this was judged by.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Pull requests of the pool that were open at the last count.</summary>
    public int? OpenPullRequests { get; init; }

    /// <summary>When that count was begun.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <summary>The aspects of the state, one each.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }
}
