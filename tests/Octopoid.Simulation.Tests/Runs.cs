using System.Collections.Concurrent;
using System.Globalization;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Plans;

namespace Octopoid.Simulation.Tests;

/// <summary>Makes runs out of seeds.</summary>
internal static class Runs
{
    /// <summary>As many at once as a small machine has processors.</summary>
    private const int Threads = 2;

    /// <summary>Runs one seed.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="isPlain">True for what it meant before flows and reviews: the default flow alone.</param>
    public static Outcome Of(int seed, bool isPlain = false)
    {
        var (setup, plan) = Draw(seed, isPlain);
        return Of(seed, setup, plan);
    }

    /// <summary>Runs seeds, each on a thread that knows of no other, until one fails.</summary>
    /// <param name="seeds">The seeds.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many claims were made, and what failed: the lowest seed that did; null when none did.</returns>
    public static (int Claims, int? Failed) All(IEnumerable<int> seeds, CancellationToken cancellationToken)
    {
        var left = new ConcurrentQueue<int>(seeds);
        var failed = new ConcurrentBag<int>();
        var claims = 0;
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        cancellationToken.ThrowIfCancellationRequested();
        return (claims, failed.IsEmpty ? null : failed.Min());

        void Work()
        {
            while (failed.IsEmpty && !cancellationToken.IsCancellationRequested && left.TryDequeue(out var seed))
            {
                var outcome = Of(seed);
                Interlocked.Add(ref claims, outcome.Claims);
                if (outcome.Violation is not null)
                {
                    failed.Add(seed);
                }
            }
        }
    }

    /// <summary>Tells of a seed that fails: what was wrong, the least plan that brings it about, and what happens by that plan.</summary>
    public static string Explain(int seed)
    {
        var (setup, plan) = Draw(seed);
        var all = Of(seed, setup, plan);
        if (Seeds.IsBrief)
        {
            return $"Seed {seed}: {all.Violation}";
        }

        var invariant = Name(all.Violation);
        var least = Minimiser.Minimise(plan, shorter => Name(Of(seed, setup, shorter).Violation) == invariant);
        var outcome = Of(seed, setup, least);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            Seed {seed}: {all.Violation}

            The least plan of that kind, {least.Count} of {plan.Count} entries, with {setup}:
            {string.Join('\n', least)}

            What happens by it: {outcome.Violation}
            {string.Join('\n', outcome.Trace)}
            """);
    }

    public static Outcome Of(int seed, Setup setup, IReadOnlyList<PlanEntry> plan)
    {
        var simulation = new Simulation(seed, setup, plan);
        return new Outcome(simulation.Run(), simulation.World.Trace, simulation.Referee.Claims);
    }

    private static (Setup Setup, IReadOnlyList<PlanEntry> Plan) Draw(int seed, bool isPlain = false)
    {
        var chance = new Chance(new Random(seed));
        var setup = Setup.Draw(chance);
        var plan = PlanMaker.Draw(chance, setup);
        var more = new Chance(new Random(~seed));
        return isPlain || more.Is(0.15) ? (setup, plan) : FlowPlanMaker.Add(more, setup, plan);
    }

    /// <summary>The invariant alone: another plan breaks it at another time, with other objects.</summary>
    private static string? Name(string? violation) => violation?[..violation.IndexOf(" at ", StringComparison.Ordinal)];

    /// <summary>What came of a run.</summary>
    /// <param name="Violation">What was wrong; null when nothing was.</param>
    /// <param name="Trace">What happened.</param>
    /// <param name="Claims">How many claims were made.</param>
    internal sealed record Outcome(string? Violation, IReadOnlyList<string> Trace, int Claims);
}
