namespace Octopoid.Core.Kinds;

/// <summary>How many requests a forge grants the credentials of a repository.</summary>
public sealed record RequestQuota
{
    /// <summary>In a whole window, most often an hour.</summary>
    public int? Limit { get; init; }

    /// <summary>In what is left of this one.</summary>
    public int? Remaining { get; init; }

    /// <summary>When the next one begins.</summary>
    public DateTimeOffset? ResetTime { get; init; }
}
