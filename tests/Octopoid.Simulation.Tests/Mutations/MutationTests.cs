using System.Diagnostics;

namespace Octopoid.Simulation.Tests.Mutations;

[Collection(nameof(SimulationTests))]
public sealed class MutationTests
{
    /// <summary>The last seed that is tried for a bug of which none is kept.</summary>
    private const int LastSeed = 600;

    /// <summary>Parts of the names of those that are planted; none for all.</summary>
    private static readonly string[] Only = Environment.GetEnvironmentVariable("OCTOPOID_MUTANTS")?.Split(';') ?? [];

    [Fact]
    public void Each_bug_can_be_planted()
    {
        var workshop = new Workshop();
        Assert.All(Mutants.All, mutant => workshop.Plant(mutant));
    }

    [Fact]
    public void A_bug_that_is_planted_is_found()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var output = TestContext.Current.TestOutputHelper!;
        var workshop = new Workshop();
        var survivors = Mutants.All
            .Where(mutant => Only.Length == 0 || Only.Any(part => mutant.Name.Contains(part, StringComparison.Ordinal)))
            .AsParallel().WithDegreeOfParallelism(2).WithCancellation(cancellation)
            .Where(Survives).Select(mutant => mutant.Name).ToList();
        Assert.Empty(survivors);

        bool Survives(Mutant mutant)
        {
            var watch = Stopwatch.StartNew();
            var assembly = workshop.Build(mutant);
            var built = watch.Elapsed;
            var found = Find(mutant, assembly, cancellation);
            output.WriteLine(
                $"{(found is null ? "SURVIVES" : "found")}: {mutant.Name} ({built.TotalSeconds:0.0} s, {watch.Elapsed.TotalSeconds:0.0} s) {found?[..Math.Min(found.Length, 250)]}");
            return found is null;
        }
    }

    /// <summary>Finds a bug: by the seed that found it last or a scenario, else by all.</summary>
    /// <returns>How, a line; null when nothing finds it.</returns>
    private static string? Find(Mutant mutant, byte[] assembly, CancellationToken cancellation)
    {
        var kept = mutant.Seed ?? 1;
        return Hunt.Run(mutant, assembly, kept, kept, hasScenarios: mutant.Seed is null, cancellation)
            ?? (Hunt.Run(mutant, assembly, 1, LastSeed, hasScenarios: mutant.Seed is not null, cancellation) is { } found ? $"not by {kept}; KEEP THIS SEED: {found}" : null);
    }
}
