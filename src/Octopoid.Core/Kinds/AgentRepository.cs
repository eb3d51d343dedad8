namespace Octopoid.Core.Kinds;

/// <summary>Where code lives, and how its open pull requests are counted.</summary>
public sealed record AgentRepository
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "AgentRepository";

    /// <summary>The kind's name in URLs.</summary>
    public const string Plural = "agentrepositories";

    /// <summary>Group and version.</summary>
    public string ApiVersion { get; init => field = value ?? ApiGroup.ApiVersion; } = ApiGroup.ApiVersion;

    /// <summary>Always <see cref="KindName"/>; items of a list come without it.</summary>
    public string Kind { get; init => field = value ?? KindName; } = KindName;

    /// <summary>Name, namespace and versions.</summary>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public AgentRepositorySpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What the operator has found; null before it first looked.</summary>
    public AgentRepositoryStatus? Status { get; init; }
}
