using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Hosting;

/// <summary>
/// <c>/healthz</c>: whether a restart would help. <c>/readyz</c>: whether this process knows what is going on in the cluster, a line for each thing that
/// it needs, and could lead, in the form of the API server's own: <c>[+]</c> well, <c>[-]</c> not, <c>[!]</c> not, but others go on.
/// </summary>
internal static class HealthEndpoints
{
    /// <summary>Serves them.</summary>
    public static void Map(WebApplication app)
    {
        app.MapGet("/healthz", (LoopPulse pulse) => pulse.Hangs
            ? Results.Text("[-]loop hangs: a cycle has not ended for a minute\n", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Text("ok\n"));
        app.MapGet("/readyz", (Watches watches, ApiConnection connection, LeaderElector elector, Leader leader, GateReporter gates) =>
        {
            var (health, leads) = (watches.Health(), leader.Leadership is { IsHeld: true });

            // An update takes a replica that is ready for one that can follow, and ends the one that leads.
            var election = new Election(elector.Failure, elector.IsRefused && !leads);
            return Results.Text(
                Describe(health, connection.Problem, election, leads, gates.Uncounted()),
                statusCode: IsReady(health) && !election.IsRefused ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static bool IsReady(IEnumerable<WatchHealth> watches) => watches.All(watch => watch.IsWell);

    /// <summary>The page of <c>/readyz</c>.</summary>
    internal static string Describe(
        IReadOnlyCollection<WatchHealth> watches,
        string? problem,
        Election election,
        bool leads,
        IReadOnlyCollection<(Core.State.NamespacedName Repository, string Message)> uncounted)
    {
        IEnumerable<string> lines =
        [
            .. problem is null ? [] : (string[])[$"[{(IsReady(watches) ? '!' : '-')}]API server: {problem}"],
            .. watches.Select(watch => $"[{(watch.IsWell ? '+' : '-')}]{watch}"),
            .. uncounted.Select(entry => $"[!]pull requests of {entry.Repository}: {entry.Message}"),
            .. election.Failure is null ? [] : (string[])[$"[{(election.IsRefused ? '-' : '!')}]election: {election.Failure}"],
            .. leads ? ["[+]leads"] : election.IsRefused ? [] : (string[])["[+]stands by"],
        ];
        return string.Concat(lines.Select(line => line + "\n"));
    }

    /// <summary>How this process fares in the election.</summary>
    /// <param name="Failure">What keeps it from taking part, a sentence; null when nothing does.</param>
    /// <param name="IsRefused">True when it can never lead as things are.</param>
    internal readonly record struct Election(string? Failure, bool IsRefused);
}
