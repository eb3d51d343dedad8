namespace Octopoid.Simulation.Tests.Plans;

/// <summary>Takes out of a failing plan what it fails without (delta debugging).</summary>
internal static class Minimiser
{
    private const int MostRuns = 400;

    /// <summary>A plan that still fails, of which no part tried can be left out.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="fails">Whether a plan fails.</param>
    public static IReadOnlyList<PlanEntry> Minimise(IReadOnlyList<PlanEntry> plan, Func<IReadOnlyList<PlanEntry>, bool> fails)
    {
        var left = plan;
        var runs = 0;
        for (var size = Math.Max(1, left.Count / 2); size >= 1 && runs < MostRuns; size = size == 1 ? 0 : size / 2)
        {
            var hasShrunk = true;
            while (hasShrunk && runs < MostRuns)
            {
                hasShrunk = false;
                for (var at = 0; at < left.Count && runs < MostRuns; runs++)
                {
                    PlanEntry[] shorter = [.. left.Take(at), .. left.Skip(at + size)];
                    if (fails(shorter))
                    {
                        (left, hasShrunk) = (shorter, true);
                    }
                    else
                    {
                        at += size;
                    }
                }
            }
        }

        return left;
    }
}
