namespace Octopoid.Core.Kinds;

/// <summary>The states that a task goes through, and the role that each step needs.</summary>
public sealed record AgentFlow
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "AgentFlow";

    /// <summary>The kind's name in URLs.</summary>
    public const string Plural = "agentflows";

    /// <summary>Group and version.</summary>
    public string ApiVersion { get; init => field = value ?? ApiGroup.ApiVersion; } = ApiGroup.ApiVersion;

    /// <summary>Always <see cref="KindName"/>; items of a list come without it.</summary>
    public string Kind { get; init => field = value ?? KindName; } = KindName;

    /// <summary>Name, namespace and versions.</summary>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public AgentFlowSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What the operator has found; null before it first looked.</summary>
    public AgentFlowStatus? Status { get; init; }
}
