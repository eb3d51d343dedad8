namespace Octopoid.Core.Kinds;

/// <summary>How long what is finished is kept.</summary>
/// <param name="JobSeconds">
/// How long a Job, and with it its log, outlives its recorded end, in seconds, 0 to 31,536,000. Default: 86,400 (a day).
/// </param>
public sealed record RetentionPolicy(int JobSeconds = 86400)
{
    /// <summary>
    /// How long a done task is kept, in seconds, 0 to 315,360,000; null: for ever. One that an unfinished task is blocked by is never
    /// removed.
    /// </summary>
    public int? DoneSeconds { get; init; }

    /// <summary>How long a failed or cancelled task is kept, in seconds, 0 to 315,360,000; null: for ever.</summary>
    public int? FailedSeconds { get; init; }
}
