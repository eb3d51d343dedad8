namespace Octopoid.Core.Kinds;

/// <summary>One change of a task's state.</summary>
public sealed record StateChange
{
    /// <summary>When.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The state left.</summary>
    public string? From { get; init; }

    /// <summary>The state reached.</summary>
    public string? To { get; init; }

    /// <summary>The task's run number at that time.</summary>
    public int? Attempt { get; init; }

    /// <summary>Why, as one word.</summary>
    public string? Reason { get; init; }
}
