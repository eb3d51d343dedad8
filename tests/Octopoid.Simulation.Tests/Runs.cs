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
    /// <returns>What was done in all, and what failed: the lowest seed that did; null when none did.</returns>
    public static (Sum Sum, int? Failed) All(IEnumerable<int> seeds, CancellationToken cancellationToken)
    {
        var left = new ConcurrentQueue<int>(seeds);
        var failed = new ConcurrentBag<int>();
        var (claims, gateClaims, pulls) = (0, 0, 0);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(Work)).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        cancellationToken.ThrowIfCancellationRequested();
        return (new Sum(claims, gateClaims, pulls), failed.IsEmpty ? null : failed.Min());

        void Work()
        {
            while (failed.IsEmpty && !cancellationToken.IsCancellationRequested && left.TryDequeue(out var seed))
            {
                try
                {
                    var outcome = Of(seed);
                    Interlocked.Add(ref claims, outcome.Sum.Claims);
                    Interlocked.Add(ref gateClaims, outcome.Sum.GateClaims);
                    Interlocked.Add(ref pulls, outcome.Sum.Pulls);
                    if (outcome.Violation is not null)
                    {
                        failed.Add(seed);
                    }
                }
#pragma warning disable CA1031 // Thrown again by Explain, on a thread that a test waits for.
                catch (Exception)
#pragma warning restore CA1031
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
        return new Outcome(simulation.Run(), simulation.World.Trace, new Sum(simulation.Referee.Claims, simulation.PullRequestReferee.Claims, simulation.Forge.Opened));
    }

    private static (Setup Setup, IReadOnlyList<PlanEntry> Plan) Draw(int seed, bool isPlain = false)
    {
        var chance = new Chance(new Random(seed));
        var setup = Setup.Draw(chance);
        var plan = PlanMaker.Draw(chance, setup);
        var more = new Chance(new Random(~seed));
        if (isPlain)
        {
            return (setup, plan);
        }

        (setup, plan) = more.Is(0.15) ? (setup, plan) : FlowPlanMaker.Add(more, setup, plan);
        var most = new Chance(new Random(seed ^ 0x2545F491));
        return most.Is(0.5) ? ForgePlanMaker.Add(most, setup, plan) : (setup, plan);
    }

    /// <summary>The invariant alone: another plan breaks it at another time, with other objects.</summary>
    private static string? Name(string? violation) => violation?[..violation.IndexOf(" at ", StringComparison.Ordinal)];

    /// <summary>What came of a run.</summary>
    /// <param name="Violation">What was wrong; null when nothing was.</param>
    /// <param name="Trace">What happened.</param>
    /// <param name="Sum">How much was done.</param>
    internal sealed record Outcome(string? Violation, IReadOnlyList<string> Trace, Sum Sum);

    /// <summary>How much was done in a run, or in several.</summary>
    /// <param name="Claims">Claims that were made.</param>
    /// <param name="GateClaims">Those of them that had to pass the gate of a repository with a forge.</param>
    /// <param name="Pulls">Pull requests that were opened.</param>
    internal sealed record Sum(int Claims, int GateClaims, int Pulls);
}
