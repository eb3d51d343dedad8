using System.Diagnostics;

namespace Octopoid.Simulation.Tests;

[Collection(nameof(SimulationTests))]
public sealed class SimulationTests
{
    [Fact]
    public void Whatever_goes_wrong_caps_hold_no_Job_is_doubled_and_no_task_is_lost()
    {
        var watch = Stopwatch.StartNew();
        var (sum, failed) = Runs.All(Seeds.Range, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{Seeds.Range.Count} seeds, {sum.Claims} claims, {sum.GateClaims} of them through the gate of a forge, {sum.Pulls} pull requests opened, {watch.Elapsed.TotalSeconds:0} s.");
        Assert.True(failed is null, failed is { } seed ? Runs.Explain(seed) : "");
    }

    [Fact]
    public void What_once_failed_with_the_default_flow_does_not_any_more() =>
        Assert.All(Seeds.FailedPlain, seed => Assert.Null(Runs.Of(seed, isPlain: true).Violation));

    [Fact]
    public void What_once_failed_does_not_any_more() => Assert.All(Seeds.Failed, seed => Assert.Null(Runs.Of(seed).Violation));

    [Fact]
    public void The_same_seed_makes_the_same_history()
    {
        foreach (var seed in Enumerable.Range(1, 5))
        {
            Assert.Equal(Runs.Of(seed).Trace, Runs.Of(seed).Trace);
        }
    }
}
