namespace Octopoid.Core.Kinds;

/// <summary>Which blueprint holds a task, for which attempt.</summary>
public sealed record TaskClaim
{
    /// <summary>The blueprint's name.</summary>
    public string? Blueprint { get; init; }

    /// <summary>The run number.</summary>
    public int? Attempt { get; init; }

    /// <summary>The one Job of this attempt.</summary>
    public string? JobName { get; init; }

    /// <summary>When the claim was written.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>The state that the claim found the task in, and to which an attempt that is to be made again returns it. An edit of the flow changes
    /// nothing of that.</summary>
    public string? From { get; init; }

    /// <summary>The condition of the flow under review; null where the attempt is no review.</summary>
    public string? Condition { get; init; }

    /// <summary>The operator's pod that wrote it.</summary>
    public string? Holder { get; init; }
}
