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

    /// <summary>The operator's pod that wrote it.</summary>
    public string? Holder { get; init; }
}
