using System.Globalization;

namespace Octopoid.Benchmarks.Pool;

/// <summary>A limit raised from 0: how fast what waits is started, beside a bare loop in the same minute.</summary>
internal static class StartBenchmark
{
    private const int Rounds = 5;
    private const int Count = 500;

    /// <summary>How many tasks the bare loop has under way at once: it is given the best of these.</summary>
    private static readonly int[] Degrees = [16, 32, 64];

    public static async Task<IReadOnlyList<Result>> RunAsync(CancellationToken cancellationToken)
    {
        await using var pool = await BenchedPool.StartAsync(isAudited: false, cancellationToken);
        await pool.LimitAsync(0, cancellationToken);
        await pool.CreateBlueprintAsync(BenchedPool.Namespace, cancellationToken);
        await pool.CreateBlueprintAsync(BenchedPool.BareNamespace, cancellationToken);
        await pool.StartOperatorAsync(BenchedPool.Namespace, cancellationToken);
        await using var started = await JobTimeline.StartAsync(pool, BenchedPool.Namespace, cancellationToken);
        await using var bareStarted = await JobTimeline.StartAsync(pool, BenchedPool.BareNamespace, cancellationToken);
        using var bare = new BareLoop(pool);

        // What does not count: compilers and caches take their time. The bare loop is tuned meanwhile.
        var rates = new Dictionary<int, double>();
        foreach (var degree in (int[])[Degrees[^1], .. Degrees])
        {
            rates[degree] = await BareAsync(pool, bare, bareStarted, degree, cancellationToken);
            await OursAsync(pool, started, cancellationToken);
        }

        var best = rates.MaxBy(pair => pair.Value).Key;
        var (ours, theirs) = (new double[Rounds], new double[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            theirs[round] = await BareAsync(pool, bare, bareStarted, best, cancellationToken);
            ours[round] = await OursAsync(pool, started, cancellationToken);
        }

        var ratios = ours.By(theirs);
        return
        [
            new($"limit raised from 0 to {Count}: tasks started, by a bare loop of {best}", ">= 0.90 x", Rate(theirs), Rate(ours), ratios.Median(), ratios.Median() >= 0.9)
            {
                Spread = ratios.Spread(),
            },
        ];
    }

    private static string Rate(double[] rates) => $"{rates.Median():0}/s";

    /// <summary>Tasks started a second by the bare loop.</summary>
    private static async Task<double> BareAsync(
        BenchedPool pool, BareLoop bare, JobTimeline started, int degree, CancellationToken cancellationToken)
    {
        await pool.CreateTasksAsync(BenchedPool.BareNamespace, Names(), cancellationToken);
        var starts = await bare.PrepareAsync(cancellationToken);
        started.Reset();
        var begin = JobTimeline.Now;
        await bare.SendAsync(starts, degree, cancellationToken);
        await started.UntilStartedAsync(Count, cancellationToken);
        var rate = Count / (started.Read().Starts[^1].At - begin).TotalSeconds;
        await pool.ClearAsync(BenchedPool.BareNamespace, cancellationToken);
        return rate;
    }

    /// <summary>Tasks started a second by the operator.</summary>
    private static async Task<double> OursAsync(BenchedPool pool, JobTimeline started, CancellationToken cancellationToken)
    {
        await pool.CreateTasksAsync(BenchedPool.Namespace, Names(), cancellationToken);
        started.Reset();
        var begin = JobTimeline.Now;
        await pool.PatchAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", $$$"""{"spec":{"maxConcurrent":{{{Count}}}}}""", cancellationToken);
        await started.UntilStartedAsync(Count, cancellationToken);
        var rate = Count / (started.Read().Starts[^1].At - begin).TotalSeconds;
        await pool.PatchAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", """{"spec":{"maxConcurrent":0}}""", cancellationToken);
        await pool.ClearAsync(BenchedPool.Namespace, cancellationToken);
        return rate;
    }

    private static IEnumerable<string> Names() => Enumerable.Range(0, Count).Select(i => string.Create(CultureInfo.InvariantCulture, $"task-{i:0000}"));
}
