using System.Globalization;

namespace Octopoid.Simulation.Tests;

/// <summary>Which seeds are run.</summary>
internal static class Seeds
{
    /// <summary>Another range, for long runs: <c>from..to</c>.</summary>
    public const string Variable = "OCTOPOID_SEEDS";

    /// <summary>Seeds that once failed by the plans of that time: users and disturbances around the default flow alone.</summary>
    public static IReadOnlyList<int> FailedPlain { get; } = [86, 298, 720, 758, 4929];

    /// <summary>Seeds that once failed by the plans of today.</summary>
    public static IReadOnlyList<int> Failed { get; } = [9, 252, 505, 662];

    public static IReadOnlyList<int> Range { get; } = Read(Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } range ? range : "1..1000");

    private static int[] Read(string range)
    {
        var ends = range.Split("..");
        var (first, last) = (int.Parse(ends[0], CultureInfo.InvariantCulture), int.Parse(ends[1], CultureInfo.InvariantCulture));
        return [.. Enumerable.Range(first, last - first + 1)];
    }
}
