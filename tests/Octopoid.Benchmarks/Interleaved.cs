using System.Diagnostics;

namespace Octopoid.Benchmarks;

/// <summary>Measures subjects in turn, A B A B …, so that whatever else the machine does falls on all of them.</summary>
internal static class Interleaved
{
    /// <summary>Each subject's time in each round, and the bytes that the whole process allocated meanwhile.</summary>
    public static async Task<Costs[]> MeasureAsync(int rounds, params Func<Task>[] subjects)
    {
        // Two rounds that do not count: the compiler's tiers and the pools take their time.
        for (var warmUp = 0; warmUp < 2; warmUp++)
        {
            foreach (var subject in subjects)
            {
                await subject();
            }
        }

        var costs = subjects.Select(_ => new Costs(new double[rounds], new double[rounds])).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < subjects.Length; i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                var bytes = GC.GetTotalAllocatedBytes(precise: true);
                var start = Stopwatch.GetTimestamp();
                await subjects[i]();
                costs[i].AllSeconds[round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
                costs[i].AllBytes[round] = GC.GetTotalAllocatedBytes(precise: true) - bytes;
            }
        }

        return costs;
    }

    /// <summary>What a subject cost, round by round.</summary>
    internal sealed record Costs(double[] AllSeconds, double[] AllBytes)
    {
        public double Seconds => AllSeconds.Median();

        public double Bytes => AllBytes.Median();

        /// <summary>The median of the rounds' ratios.</summary>
        public double TimeBy(Costs baseline) => AllSeconds.By(baseline.AllSeconds).Median();
    }
}
