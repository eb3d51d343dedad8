using System.Globalization;

namespace Octopoid.Benchmarks;

/// <summary>What a benchmark found of one thing.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Goal">What is wanted, e.g. <c>>= 3 x</c>; empty where there is no goal.</param>
/// <param name="Baseline">What it is compared with, with its unit; empty where it stands for itself.</param>
/// <param name="Ours">What was measured of ours, with its unit.</param>
/// <param name="Ratio">Ours by the baseline: the median of the rounds' ratios; null without a baseline.</param>
/// <param name="IsMet">Whether the goal is met; null where there is none.</param>
internal sealed record Result(string What, string Goal, string Baseline, string Ours, double? Ratio, bool? IsMet)
{
    public static string Heading { get; } = Line("what", "goal", "baseline", "ours", "ratio", "spread", "met");

    /// <summary>The least and the greatest of the rounds' ratios; null where there was one round.</summary>
    public Range? Spread { get; init; }

    public override string ToString() => Line(
        What, Goal, Baseline, Ours, Number(Ratio), Spread is { } spread ? $"{Number(spread.Low)} to {Number(spread.High)}" : "", IsMet switch { true => "yes", false => "NO", null => "" });

    private static string Number(double? ratio) => ratio?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";

    private static string Line(string what, string goal, string baseline, string ours, string ratio, string spread, string met) =>
        $"{what,-66} {goal,-10} {baseline,22} {ours,22} {ratio,8} {spread,16}  {met}";

    /// <summary>A range of ratios.</summary>
    /// <param name="Low">The least.</param>
    /// <param name="High">The greatest.</param>
    internal sealed record Range(double Low, double High);
}
