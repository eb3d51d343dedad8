namespace Octopoid.Core.Kinds;

/// <summary>One piece of work: its text, its state in the flow, its claim and its attempts.</summary>
public sealed record AgentTask
{
    /// <summary>The kind's name.</summary>
    public const string KindName = "AgentTask";

    /// <summary>The kind's name in URLs.</summary>
    public const string Plural = "agenttasks";

    /// <summary>Group and version.</summary>
    public string ApiVersion { get; init => field = value ?? ApiGroup.ApiVersion; } = ApiGroup.ApiVersion;

    /// <summary>Always <see cref="KindName"/>; items of a list come without it.</summary>
    public string Kind { get; init => field = value ?? KindName; } = KindName;

    /// <summary>Name, namespace and versions.</summary>
    public ObjectMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>What is wanted.</summary>
    public AgentTaskSpec Spec { get; init => field = value ?? new(); } = new();

    /// <summary>Where the task stands. The API server gives a new task the state <see cref="FlowStates.Incoming"/>.</summary>
    public AgentTaskStatus? Status { get; init; }
}
