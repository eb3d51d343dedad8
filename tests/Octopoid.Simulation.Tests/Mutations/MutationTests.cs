using System.Diagnostics;

namespace Octopoid.Simulation.Tests.Mutations;

[Collection(nameof(SimulationTests))]
public sealed class MutationTests
{
    private const string Seeds = "1..300";

    [Fact]
    public void A_bug_that_is_planted_is_found()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var output = TestContext.Current.TestOutputHelper!;
        using var workshop = new Workshop();
        Assert.Null(workshop.Build(withRestore: true, cancellation));
        var survivors = new List<string>();
        foreach (var mutant in Mutants.All)
        {
            var watch = Stopwatch.StartNew();
            using var planted = workshop.Plant(mutant);
            Assert.Null(workshop.Build(withRestore: false, cancellation));
            var built = watch.Elapsed;
            var (isGood, said) = workshop.Simulate(Seeds, cancellation);
            var found = said.Split('\n').FirstOrDefault(line => line.Contains("Seed ", StringComparison.Ordinal))?.Trim() ?? said;
            output.WriteLine($"{mutant.Name}: {(isGood ? "SURVIVES" : found[..Math.Min(found.Length, 200)])} ({built.TotalSeconds:0} s, {watch.Elapsed.TotalSeconds:0} s)");
            if (isGood)
            {
                survivors.Add(mutant.Name);
            }
        }

        Assert.Empty(survivors);
    }
}
