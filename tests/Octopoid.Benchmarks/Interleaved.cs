using System.Diagnostics;

namespace Octopoid.Benchmarks;

/// <summary>Measures subjects in turn, A B A B …, so that whatever else the machine does falls on all of them.</summary>
internal static class Interleaved
{
    /// <summary>The medians of each subject's time and of the bytes that the whole process allocated meanwhile.</summary>
    public static async Task<Cost[]> MeasureAsync(int rounds, params Func<Task>[] subjects)
    {
        // Two rounds that do not count: the compiler's tiers and the pools take their time.
        for (var warmUp = 0; warmUp < 2; warmUp++)
        {
            foreach (var subject in subjects)
            {
                await subject();
            }
        }

        var costs = subjects.Select(_ => new List<Cost>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < subjects.Length; i++)
            {
                costs[i].Add(await MeasureAsync(subjects[i]));
            }
        }

        return [.. costs.Select(all => new Cost(Median(all.Select(cost => cost.Seconds)), Median(all.Select(cost => cost.Bytes))))];
    }

    private static async Task<Cost> MeasureAsync(Func<Task> subject)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var bytes = GC.GetTotalAllocatedBytes(precise: true);
        var start = Stopwatch.GetTimestamp();
        await subject();
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new Cost(elapsed.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true) - bytes);
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    /// <summary>What a subject cost.</summary>
    internal readonly record struct Cost(double Seconds, double Bytes);
}
