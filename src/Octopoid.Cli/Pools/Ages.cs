namespace Octopoid.Cli.Pools;

/// <summary>Times as kubectl writes them.</summary>
internal static class Ages
{
    /// <summary>E.g. <c>45s</c>, <c>12m</c>, <c>3h20m</c>, <c>5d</c>.</summary>
    public static string Of(TimeSpan age) => age.TotalSeconds switch
    {
        < 0 => "0s",
        < 120 => $"{Math.Floor(age.TotalSeconds):0}s",
        < 600 => $"{age.Minutes}m{(age.Seconds > 0 ? $"{age.Seconds}s" : "")}",
        < 3 * 3600 => $"{Math.Floor(age.TotalMinutes):0}m",
        < 8 * 3600 => $"{Math.Floor(age.TotalHours):0}h{(age.Minutes > 0 ? $"{age.Minutes}m" : "")}",
        < 48 * 3600 => $"{Math.Floor(age.TotalHours):0}h",
        _ => $"{Math.Floor(age.TotalDays):0}d",
    };

    /// <summary>The age of something; empty where it has none.</summary>
    public static string Of(DateTimeOffset? time, DateTimeOffset now) => time is null ? "" : Of(now - time.Value);
}
