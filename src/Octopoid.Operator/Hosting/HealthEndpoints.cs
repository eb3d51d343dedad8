using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Hosting;

/// <summary>
/// <c>/healthz</c>: whether a restart would help. <c>/readyz</c>: whether this process knows what is going on in the cluster, a line for each thing that
/// it needs, in the form of the API server's own: <c>[+]</c> well, <c>[-]</c> not, <c>[!]</c> not, but others go on.
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
            var health = watches.Health();
            return Results.Text(
                Describe(health, connection.Problem, elector.Failure, leader.Leadership is { IsHeld: true }, gates.Uncounted()),
                statusCode: IsReady(health) ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }

    private static bool IsReady(IEnumerable<WatchHealth> watches) => watches.All(watch => watch.IsWell);

    /// <summary>The page of <c>/readyz</c>.</summary>
    internal static string Describe(
        IReadOnlyCollection<WatchHealth> watches,
        string? problem,
        string? election,
        bool leads,
        IReadOnlyCollection<(Core.State.NamespacedName Repository, string Message)> uncounted)
    {
        IEnumerable<string> lines =
        [
            .. problem is null ? [] : (string[])[$"[{(IsReady(watches) ? '!' : '-')}]API server: {problem}"],
            .. watches.Select(watch => $"[{(watch.IsWell ? '+' : '-')}]{watch}"),
            .. uncounted.Select(entry => $"[!]pull requests of {entry.Repository}: {entry.Message}"),
            .. election is null ? [] : (string[])[$"[!]election: {election}"],
            leads ? "[+]leads" : "[+]stands by",
        ];
        return string.Concat(lines.Select(line => line + "\n"));
    }
}
