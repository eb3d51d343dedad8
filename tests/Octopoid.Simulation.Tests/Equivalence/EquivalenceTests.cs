using System.Diagnostics;

namespace Octopoid.Simulation.Tests.Equivalence;

[Collection(nameof(SimulationTests))]
public sealed class EquivalenceTests
{
    /// <summary>What befalls the operator that leads.</summary>
    public enum Blow
    {
        /// <summary>It dies without a word.</summary>
        Kill,

        /// <summary>It stands still for longer than its Lease.</summary>
        Pause,

        /// <summary>It is told to stop.</summary>
        Terminate,
    }

    [Fact]
    public void Killed_paused_or_stopped_at_any_decision_the_operator_comes_to_the_same_end()
    {
        var watch = Stopwatch.StartNew();
        var scenario = new Scenario();
        var (decisions, writes) = (0, 0);
        scenario.Simulation.Decided += (_, _) => decisions++;
        scenario.Simulation.Written += _ => writes++;
        Assert.Null(scenario.Simulation.Run());
        var ends = scenario.Ends();

        var runs = Enum.GetValues<Blow>().SelectMany(blow => Enumerable.Range(1, decisions).Select(place => (blow, place, isWrite: false))
            .Concat(Enumerable.Range(1, writes).Select(place => (blow, place, isWrite: true)))).ToList();
        var failures = runs.AsParallel().AsOrdered().WithDegreeOfParallelism(2).WithCancellation(TestContext.Current.CancellationToken)
            .Select(run => Difference(run.blow, run.place, run.isWrite, ends)).OfType<string>().ToList();

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{runs.Count} runs: {string.Join(", ", Enum.GetValues<Blow>())} at {decisions} decisions and after {writes} writes; {watch.Elapsed.TotalSeconds:0} s.");
        Assert.True(failures.Count == 0, $"{failures.Count} runs end otherwise:\n{string.Join('\n', failures.Take(10))}");
    }

    /// <summary>Runs once with a blow.</summary>
    /// <returns>What is other than without it, or was wrong; null when nothing is.</returns>
    private static string? Difference(Blow blow, int place, bool isWrite, string ends)
    {
        var scenario = new Scenario();
        var (decisions, writes) = (0, 0);
        var what = "";
        var simulation = scenario.Simulation;
        simulation.Decided += (process, decision) =>
        {
            if (!isWrite && ++decisions == place)
            {
                what = decision.ToString();
                Strike(process);
            }
        };
        simulation.Written += process =>
        {
            if (isWrite && ++writes == place)
            {
                what = simulation.World.Trace[^1];
                Strike(process);
            }
        };
        var violation = simulation.Run();
        var found = scenario.Ends();
        return violation is null && found == ends ? null
            : $"{blow} at {(isWrite ? "write" : "decision")} {place}, {what[..Math.Min(what.Length, 150)]}: {violation ?? Difference(ends, found)}";

        void Strike(Processes.OperatorProcess process)
        {
            simulation.World.Note($"* {blow}");
            var index = simulation.PlaceOf(process);
            switch (blow)
            {
                case Blow.Kill: simulation.Kill(index, 5); break;
                case Blow.Pause: simulation.Pause(index, 40); break;
                case Blow.Terminate: simulation.Terminate(index, 3); break;
            }
        }
    }

    private static string Difference(string ends, string found) =>
        string.Join('\n', ends.Split('\n').Zip(found.Split('\n')).Where(pair => pair.First != pair.Second).Select(pair => $"\n  {pair.First}\n  {pair.Second}"));
}
