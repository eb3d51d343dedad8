namespace Octopoid.Benchmarks;

/// <summary>What is told of many measurements.</summary>
internal static class Statistics
{
    /// <summary>The middle one.</summary>
    public static double Median(this IEnumerable<double> values) => values.Percentile(50);

    /// <summary>The smallest one that so many of a hundred do not exceed (nearest rank).</summary>
    public static double Percentile(this IEnumerable<double> values, double percent)
    {
        var sorted = values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>A round's measurement by its baseline's, round by round: of a load that comes and goes, two measurements of one round have more in common than those of a run.</summary>
    public static double[] By(this IEnumerable<double> ours, IEnumerable<double> baseline) => [.. ours.Zip(baseline, (a, b) => a / b)];

    /// <summary>The least and the greatest.</summary>
    public static Result.Range Spread(this IEnumerable<double> values) => new(values.Min(), values.Max());
}
