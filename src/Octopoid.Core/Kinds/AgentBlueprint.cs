namespace Octopoid.Core.Kinds;

/// <summary>What an agent of a role is, and how many of them may run. A list of blueprints shows the pool.</summary>
public sealed record AgentBlueprint
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "AgentBlueprint";

    /// <summary>The kind's name in URLs.</summary>
    public const string Plural = "agentblueprints";

    /// <summary>Group and version.</summary>
    public string ApiVersion { get; init => field = value ?? ApiGroup.ApiVersion; } = ApiGroup.ApiVersion;

    /// <summary>Always <see cref="KindName"/>; items of a list come without it.</summary>
    public string Kind { get; init => field = value ?? KindName; } = KindName;

    /// <summary>Name, namespace and versions. The name is at most 63 characters, for it is the value of a label.</summary>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public AgentBlueprintSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>What the operator has found; null before it first looked.</summary>
    public AgentBlueprintStatus? Status { get; init; }
}
