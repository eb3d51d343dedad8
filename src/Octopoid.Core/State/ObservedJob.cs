using System.Text.Json.Serialization;
using Octopoid.Core.State.Reading;

namespace Octopoid.Core.State;

/// <summary>What is kept of a Job of ours.</summary>
public sealed record ObservedJob
{
    /// <summary>Whose it is.</summary>
    public ObservedChildMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The condition that ended it; null while it is not terminal. All that is kept of its status: a Job's pod counts say nothing
    /// of the kind, they run ahead of it, or behind.</summary>
    [JsonPropertyName("status")]
    [JsonConverter(typeof(TerminalConditionConverter))]
    public JobCondition? TerminalCondition { get; init; }

    /// <summary>A condition of a Job, one that is true.</summary>
    /// <param name="Type"><c>Complete</c> or <c>Failed</c>.</param>
    /// <param name="Reason">E.g. <c>DeadlineExceeded</c>.</param>
    public sealed record JobCondition(string Type, string? Reason = null);
}
