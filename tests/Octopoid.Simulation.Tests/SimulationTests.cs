using System.Diagnostics;

namespace Octopoid.Simulation.Tests;

public sealed class SimulationTests
{
    [Fact]
    public void Whatever_goes_wrong_caps_hold_no_Job_is_doubled_and_no_task_is_lost()
    {
        var watch = Stopwatch.StartNew();
        var (claims, failed) = Runs.All(Seeds.Failed.Concat(Seeds.Range), TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Seeds.Range.Count} seeds, {claims} claims, {watch.Elapsed.TotalSeconds:0} s.");
        Assert.True(failed is null, failed is { } seed ? Runs.Explain(seed) : "");
    }
}
