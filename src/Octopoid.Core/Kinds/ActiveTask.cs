namespace Octopoid.Core.Kinds;

/// <summary>A task that an agent of the blueprint works on now.</summary>
public sealed record ActiveTask
{
    /// <summary>The task's name.</summary>
    public string? Name { get; init; }

    /// <summary>Its run number.</summary>
    public int? Attempt { get; init; }

    /// <summary>When it was claimed.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }
}
