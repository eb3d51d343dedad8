using System.Text.Json.Serialization;
using Octopoid.Core.State.Reading;

namespace Octopoid.Core.State;

/// <summary>What is kept of a Job of ours.</summary>
public sealed record ObservedJob
{
    // Inline, and the time as seconds: ended Jobs are kept by the thousand.
    private readonly string? _type;
    private readonly string? _reason;
    private readonly uint _at;

    /// <summary>Whose it is.</summary>
    public ObservedChildMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>The condition that ended it; null while it is not terminal. All that is kept of its status: a Job's pod counts say nothing
    /// of the kind, they run ahead of it, or behind.</summary>
    [JsonPropertyName("status")]
    [JsonConverter(typeof(TerminalConditionConverter))]
    public JobCondition? TerminalCondition
    {
        get => _type is null ? null : new JobCondition(_type, _reason, _at == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(_at));
        init => (_type, _reason, _at) = (
            value?.Type, value?.Reason, value?.At is { } at ? (uint)Math.Clamp(at.ToUnixTimeSeconds(), 0, uint.MaxValue) : 0);
    }

    /// <summary>A condition of a Job, one that is true.</summary>
    /// <param name="Type"><c>Complete</c> or <c>Failed</c>.</param>
    /// <param name="Reason">E.g. <c>DeadlineExceeded</c>.</param>
    /// <param name="At">Since when, to the second; null when that is not told.</param>
    public readonly record struct JobCondition(string Type, string? Reason = null, DateTimeOffset? At = null);
}
