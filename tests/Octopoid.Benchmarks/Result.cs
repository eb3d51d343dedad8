using System.Globalization;

namespace Octopoid.Benchmarks;

/// <summary>What a benchmark found of one thing.</summary>
/// <param name="What">What was measured.</param>
/// <param name="Goal">What is wanted, e.g. <c>>= 3 x</c>.</param>
/// <param name="Baseline">What it is compared with, with its unit.</param>
/// <param name="Ours">What was measured of ours, with its unit.</param>
/// <param name="Ratio">Ours by the baseline.</param>
/// <param name="IsMet">Whether the goal is met; null where there is none.</param>
internal sealed record Result(string What, string Goal, string Baseline, string Ours, double Ratio, bool? IsMet)
{
    public static string Heading { get; } = Line("what", "goal", "baseline", "ours", "ratio", "met");

    public override string ToString() =>
        Line(What, Goal, Baseline, Ours, Ratio.ToString("0.000", CultureInfo.InvariantCulture), IsMet switch { true => "yes", false => "NO", null => "" });

    private static string Line(string what, string goal, string baseline, string ours, string ratio, string met) =>
        $"{what,-58} {goal,-10} {baseline,22} {ours,22} {ratio,8}  {met}";
}
