using System.Diagnostics;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Leases;

/// <summary>Electors in processes of their own on a real API server: stopped, killed, and behind a network that delays, drops and resets.</summary>
[Collection(Undisturbed.Name)]
public sealed class ElectionTests(ControlPlaneFixture fixture) : IClassFixture<ControlPlaneFixture>, IAsyncLifetime
{
    // The shortest: 2 s to renew it, 0.3 s between tries.
    private const int LeaseSeconds = 3;
    private const double RetrySeconds = 0.3;

    private readonly ControlPlane _server = fixture.ControlPlane;
    private readonly TemporaryFolder _folder = new("octopoid-election-");
    private readonly List<ElectorProcess> _running = [];
    private readonly List<ElectorProcess> _gone = [];
    private string _namespace = "";

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _namespace = await _server.CreateNamespaceAsync(CancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var elector in _running.Concat(_gone))
        {
            if (TestContext.Current.TestState?.Result == TestResult.Failed)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{elector.Identity}:\n{elector.LastLines()}");
            }

            await elector.DisposeAsync();
        }

        await _folder.DisposeAsync();
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Whatever_befalls_them_at_most_one_leads_and_when_it_is_over_one_does(int electors)
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await StartAsync(electors);
        for (var faults = 0; faults < 12; faults++)
        {
            var leader = await LeaderAsync();
            var victim = leader is not null && random.Next(4) > 0 ? leader : _running[random.Next(_running.Count)];
            await HarmAsync(victim, random);
            await PauseAsync(random.NextDouble());
        }

        var over = Stopwatch.GetTimestamp();
        await UntilAsync(async () => (await BeliefsAsync()).Terms.Any(term => term.LastBefore > over), "somebody leads");
        var beliefs = await BeliefsAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"seed {seed}: {beliefs.Terms.Count} terms; led again {Stopwatch.GetElapsedTime(over, beliefs.Terms[^1].LastBefore).TotalSeconds:0.00} s after the last fault");
        Assert.Empty(beliefs.Overlaps());
        Assert.InRange(beliefs.Terms.Count, 3, int.MaxValue);
    }

    [Theory]
    [InlineData("TERM", 2)]
    [InlineData("KILL", LeaseSeconds + RetrySeconds + 1)]
    public async Task The_next_leads_in_time(string signal, double limit)
    {
        await StartAsync(3);
        for (var round = 0; round < 2; round++)
        {
            var leader = (await LeaderAsync())!;
            await PauseAsync(LeaseSeconds / 2.0);
            var ended = Stopwatch.GetTimestamp();
            await leader.SignalAsync(signal);
            var gap = 0.0;
            await UntilAsync(
                async () =>
                {
                    var next = (await BeliefsAsync()).Terms[^1];
                    gap = Stopwatch.GetElapsedTime(ended, next.FirstAfter).TotalSeconds;
                    return next.Elector != leader.Identity;
                },
                "the next leads");
            TestContext.Current.TestOutputHelper?.WriteLine($"{signal}: the next led after {gap:0.00} s");
            Assert.InRange(gap, 0, limit);
            Leave(leader);
        }

        Assert.Empty((await BeliefsAsync()).Overlaps());
    }

    private async Task StartAsync(int electors)
    {
        for (var i = 0; i < electors; i++)
        {
            await StartOneAsync();
        }

        await UntilAsync(async () => await LeaderAsync() is not null, "somebody leads");
        await UntilAsync(
            () => Task.FromResult(_running.All(e => e.LastLines().Contains("stands by", StringComparison.Ordinal) || e.LastLines().Contains(" leads", StringComparison.Ordinal))),
            "all take part");
    }

    private async Task StartOneAsync() =>
        _running.Add(await ElectorProcess.StartAsync(_server, _namespace, $"e{_running.Count + _gone.Count}", LeaseSeconds, _folder));

    private async Task HarmAsync(ElectorProcess victim, Random random)
    {
        var longEnough = 1 + (random.NextDouble() * 5);
        switch (random.Next(6))
        {
            case 0:
                victim.Network.Become(FaultMode.Drop);
                await PauseAsync(longEnough);
                break;
            case 1:
                victim.Network.Become(FaultMode.Refuse);
                await PauseAsync(longEnough);
                break;
            case 2:
                for (var i = 0; i < 5; i++)
                {
                    victim.Network.Become(FaultMode.Reset);
                    await PauseAsync(0.1);
                    victim.Network.Become(FaultMode.Forward);
                    await PauseAsync(0.2);
                }

                break;
            case 3:
                victim.Network.DelayToServer = TimeSpan.FromSeconds(random.NextDouble() * 3);
                victim.Network.DelayFromServer = TimeSpan.FromSeconds(random.NextDouble());
                await PauseAsync(longEnough);
                break;
            case 4:
                // Stopped in the middle of whatever it does, beyond the lease as often as not.
                await victim.SignalAsync("STOP");
                await PauseAsync(longEnough);
                await victim.SignalAsync("CONT");
                break;
            default:
                await victim.SignalAsync("KILL");
                Leave(victim);
                await StartOneAsync();
                return;
        }

        victim.Network.DelayToServer = victim.Network.DelayFromServer = TimeSpan.Zero;
        victim.Network.Become(FaultMode.Forward);
    }

    private void Leave(ElectorProcess elector)
    {
        _running.Remove(elector);
        _gone.Add(elector);
    }

    private async Task<ElectorProcess?> LeaderAsync()
    {
        var lease = await _server.GetAsync($"/apis/coordination.k8s.io/v1/namespaces/{_namespace}/leases/election", CancellationToken);
        return _running.Find(elector => elector.Identity == (string?)lease.Json["spec"]?["holderIdentity"]);
    }

    private async Task<Beliefs> BeliefsAsync()
    {
        var beliefs = new Beliefs();
        foreach (var elector in _running.Concat(_gone))
        {
            beliefs.Read(await elector.JournalAsync(CancellationToken));
        }

        return beliefs;
    }

    private static Task PauseAsync(double seconds) => Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, CancellationToken);

    private async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(
                Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), $"Not within 30 s: {what}.\n{string.Join('\n', _running.Select(e => e.LastLines()))}");
            await PauseAsync(0.05);
        }
    }
}
