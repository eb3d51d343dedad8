namespace Octopoid.Core.Kinds;

/// <summary>
/// The limits of the whole cluster, and the one place where the scheduler is registered. There is one, named <see cref="SingletonName"/>.
/// </summary>
public sealed record AgentOrchestrator
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "AgentOrchestrator";

    /// <summary>The kind's name in URLs.</summary>
    public const string Plural = "agentorchestrators";

    /// <summary>The only name that the API server takes.</summary>
    public const string SingletonName = "default";

    /// <summary>Group and version.</summary>
    public string ApiVersion { get; init => field = value ?? ApiGroup.ApiVersion; } = ApiGroup.ApiVersion;

    /// <summary>Always <see cref="KindName"/>; items of a list come without it.</summary>
    public string Kind { get; init => field = value ?? KindName; } = KindName;

    /// <summary>Name and versions.</summary>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public AgentOrchestratorSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What the operator has found; null before it first looked.</summary>
    public AgentOrchestratorStatus? Status { get; init; }
}
