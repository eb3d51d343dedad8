using System.Collections.Concurrent;
using System.Globalization;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>The informer against a server that does, by chance, whatever servers do on a bad day.</summary>
[Collection(Undisturbed.Name)]
public sealed class HostileServerTests(HostileServer server, ITestOutputHelper output) : IClassFixture<HostileServer>
{
    /// <summary>Runs one seed alone, e.g. <c>OCTOPOID_SEED=17 dotnet run --project tests/Octopoid.Kubernetes.Tests -- -class '*HostileServerTests'</c>,
    /// as often as <c>OCTOPOID_TIMES</c> says.</summary>
    private const string OneSeed = "OCTOPOID_SEED";
    private const string Times = "OCTOPOID_TIMES";
    private const int Seeds = 500;

    /// <summary>More would wait for the processor instead of the clock.</summary>
    private const int AtOnce = 12;

    /// <summary>Each costs an hour of its clock, and a long trace.</summary>
    private const int FailuresThatAreEnough = 3;

    /// <summary>Seeds that once failed.</summary>
    private static readonly int[] OnceFailed = [92, 113, 146, 367, 376];

    [Fact]
    public async Task Whatever_the_server_does_the_store_and_every_handler_come_to_the_truth()
    {
        var failures = new ConcurrentQueue<string>();
        var took = new ConcurrentQueue<TimeSpan>();
        await Parallel.ForEachAsync(
            Chosen(),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = TestContext.Current.CancellationToken },
            async (seed, cancellationToken) =>
            {
                if (failures.Count >= FailuresThatAreEnough)
                {
                    return;
                }

                await using var run = new HostileRun(server, seed, cancellationToken);
                var (toTruth, violation) = await run.RunAsync();
                took.Enqueue(toTruth);
                if (violation is not null)
                {
                    failures.Enqueue($"Seed {seed}: {violation}\n{run.Trace}");
                }
            });

        output.WriteLine($"The slowest of {took.Count} runs took {took.Max().TotalSeconds:0} s of its clock to come to the truth.");
        if (!failures.IsEmpty)
        {
            Assert.Fail($"{failures.Count} of {took.Count} runs failed; try a seed again by {OneSeed}.\n{string.Join("\n\n", failures)}");
        }
    }

    private static IEnumerable<int> Chosen() => Environment.GetEnvironmentVariable(OneSeed) is { } seed
        ? Enumerable.Repeat(Number(seed), Number(Environment.GetEnvironmentVariable(Times) ?? "1"))
        : OnceFailed.Concat(Enumerable.Range(1, Seeds));

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
