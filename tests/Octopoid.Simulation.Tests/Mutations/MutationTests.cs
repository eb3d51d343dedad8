using System.Diagnostics;

namespace Octopoid.Simulation.Tests.Mutations;

[Collection(nameof(SimulationTests))]
public sealed class MutationTests
{
    private const string Seeds = "1..600";

    /// <summary>Parts of the names of those that are planted; none for all.</summary>
    private static readonly string[] Only = Environment.GetEnvironmentVariable("OCTOPOID_MUTANTS")?.Split(';') ?? [];

    /// <summary>True for all of them. A usual run plants those whose seed or scenario is known: the others are searched for, which takes a quarter of an hour.</summary>
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("OCTOPOID_LONG") == "1";

    [Fact]
    public void Each_bug_can_be_planted()
    {
        using var workshop = new Workshop();
        foreach (var mutant in Mutants.All)
        {
            workshop.Plant(mutant).Dispose();
        }
    }

    [Fact]
    public void A_bug_that_is_planted_is_found()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var output = TestContext.Current.TestOutputHelper!;
        using var workshop = new Workshop();
        Assert.Null(workshop.Build(cancellation));
        var survivors = new List<string>();
        string? mended = null;
        var chosen = Mutants.All.Where(mutant => Only.Length > 0 ? Only.Any(part => mutant.Name.Contains(part, StringComparison.Ordinal)) : IsLong || mutant.Seed is not null || mutant.HasScenario).ToList();
        output.WriteLine($"{chosen.Count} of {Mutants.All.Count} bugs are planted; OCTOPOID_LONG=1 plants all.");
        foreach (var mutant in chosen)
        {
            if (mended is not null && mended != mutant.Project)
            {
                Assert.Null(workshop.Rebuild(mended, cancellation));
            }

            var watch = Stopwatch.StartNew();
            using var planted = workshop.Plant(mutant);
            mended = mutant.Project;
            Assert.Null(workshop.Rebuild(mutant.Project, cancellation));
            var built = watch.Elapsed;
            var found = Find(workshop, mutant, cancellation);
            output.WriteLine(
                $"{(found is null ? "SURVIVES" : "found")}: {mutant.Name} ({built.TotalSeconds:0} s, {watch.Elapsed.TotalSeconds:0} s) {found?[..Math.Min(found.Length, 250)]}");
            if (found is null)
            {
                survivors.Add(mutant.Name);
            }
        }

        Assert.Empty(survivors);
    }

    /// <summary>Finds a bug: by the seed that found it last, else by all.</summary>
    /// <returns>How, a line; null when nothing finds it.</returns>
    private static string? Find(Workshop workshop, Mutant mutant, CancellationToken cancellation)
    {
        var kept = mutant.Seed is { } seed ? $"{seed}..{seed}" : "1..1";
        var (isGood, said) = workshop.Simulate(kept, mutant.Seed is not null, cancellation);
        if (!isGood)
        {
            return Line(said);
        }

        (isGood, said) = workshop.Simulate(Seeds, false, cancellation);
        return isGood ? null : $"not by {kept}; KEEP THIS SEED: {Line(said)}";
    }

    private static string Line(string said)
    {
        var lines = said.Split('\n');
        return (lines.FirstOrDefault(line => line.Contains("Seed ", StringComparison.Ordinal))
            ?? lines.FirstOrDefault(line => line.Contains("[FAIL]", StringComparison.Ordinal)) ?? said).Trim();
    }
}
