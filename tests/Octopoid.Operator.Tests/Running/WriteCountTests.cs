using System.Globalization;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>What an attempt costs the API server, by the server's own log.</summary>
public sealed class WriteCountTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    [Fact]
    public async Task An_attempt_costs_three_writes_and_no_read()
    {
        const int count = 30;
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(100), CancellationToken);
        await ApplyAsync(Blueprint(maxInstances: 5), Task("first"));
        StartOperator(Server.OperatorKubeconfigPath, leaseSeconds: 15);
        await UntilDoneAsync(1);
        await UntilAsync(async () => await OrchestratorStatusAsync() is { Running: 0, Pending: 0 }, "it is idle");
        var since = Server.Audit!.Position;
        var start = TimeProvider.System.GetTimestamp();
        await CreateTasksAsync(Enumerable.Range(1, count).Select(i => $"t{i:00}"));

        await UntilDoneAsync(count + 1);
        await UntilAsync(async () => await OrchestratorStatusAsync() is { Running: 0, Pending: 0 }, "it is idle again");
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        var requests = Server.Audit.Requests(ControlPlane.OperatorUser, since)
            .CountBy(request => $"{request.Verb} {request.Resource} {request.Code}").ToDictionary();
        WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} attempts in {seconds:0.0} s:"));
        foreach (var (request, times) in requests.OrderBy(request => request.Key))
        {
            WriteLine($"{times,4} {request}");
        }

        Assert.Equal(2 * count, requests["patch agenttasks/status 200"]);
        Assert.Equal(count, requests["create jobs 201"]);

        // Two Events an attempt; status once a second at most, of one blueprint and the orchestrator; the Lease every 2 s at most. Nothing else.
        var ticks = (int)Math.Ceiling(seconds) + 2;
        var rest = requests.Where(request => request.Key is not ("patch agenttasks/status 200" or "create jobs 201")).ToDictionary();
        Assert.All(rest, request => Assert.InRange(request.Value, 0, request.Key switch
        {
            "create events 201" => 2 * count,
            "patch agentblueprints/status 200" or "patch agentorchestrators/status 200" or "patch leases 200" => ticks,
            _ => 0,
        }));
    }
}
