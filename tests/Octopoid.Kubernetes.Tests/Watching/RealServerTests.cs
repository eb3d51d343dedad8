using System.Diagnostics;
using Octopoid.Kubernetes.Transport;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>The informer against a real API server and etcd that are killed, cut off and made to forget, while thousands of objects change.</summary>
public sealed class RealServerTests(ControlPlaneFixture fixture) : IClassFixture<ControlPlaneFixture>
{
    private const int Objects = 5000;
    private const int Writers = 10;

    private readonly ControlPlane _server = fixture.ControlPlane;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_is_missed_of_5000_objects_that_change_while_API_server_and_etcd_are_killed_cut_off_and_compacted()
    {
        var seed = Environment.TickCount;
        Say($"seed {seed}");
        var start = TimeProvider.System.GetTimestamp();
        await using var folder = new TemporaryFolder("octopoid-real-server-");
        await using var proxy = FaultProxy.Start(_server.Uri);
        var kubeconfig = folder.Combine("kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, _server.Kubeconfig(ControlPlane.AdminToken, proxy.Uri), CancellationToken);
        using var log = new RecordedLog();
        using var connection = new TestConnection(ApiServerConfiguration.Kubeconfig(kubeconfig), new FastTime(3), seed, log);
        var objects = new ConfigMaps(_server, await _server.CreateNamespaceAsync(CancellationToken));
        var informer = connection.Informer(objects.Watched);
        var replayed = new ReplayedChanges();
        using var registration = informer.Register(replayed.Take);
        using var end = new CancellationTokenSource();
        var run = informer.RunAsync(end.Token);

        // Every other writer shows the informer its answers, as those do who must not decide by a state that they know is past.
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, Writers).Select(i => new ConfigMapWriter(
            objects,
            [.. Enumerable.Range(0, Objects / Writers).Select(n => $"c{i}-{n}")],
            new Random(seed + i),
            i % 2 == 0 ? informer.Observe : _ => { })).ToList();
        var writing = Task.WhenAll(writers.Select(writer => writer.RunAsync(stop.Token, CancellationToken)));

        var marks = new List<Thing>();
        await BreakAsync(proxy, () => AwaitWritesAsync(writers, writing), async () =>
        {
            var fault = TimeProvider.System.GetTimestamp();
            marks.Add((await objects.CreateAsync($"mark-{marks.Count}", CancellationToken)).Answer!);
            await UntilAsync(() => informer.Lister.Find(Thing.Identify(marks[^1]).Key) is not null, TimeSpan.FromSeconds(30));
            Say($"  caught up after {TimeProvider.System.GetElapsedTime(fault).TotalSeconds:0.0} s");
        });
        await stop.CancelAsync();
        await writing;
        var live = await objects.ListAsync(CancellationToken);
        await UntilAsync(() => ConfigMaps.InOrder(informer.Lister.Objects).SequenceEqual(live), TimeSpan.FromSeconds(20));
        Say($"{writers.Sum(w => w.Writes)} writes ({writers.Sum(w => w.Deletions)} deletions), {writers.Sum(w => w.Ambiguous)} ambiguous; "
            + $"{replayed.Count} changes, {log.Count(1001)} lists, {log.Count(1002)} expired, {log.Count(1007)} pauses, "
            + $"{proxy.Accepted} connections; {live.Count} objects; {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s");
        foreach (var line in log.Told)
        {
            Say(line);
        }

        await end.CancelAsync();
        await run;
        Assert.Equal(live, ConfigMaps.InOrder([.. writers.SelectMany(writer => writer.Truth), .. marks]));
        Assert.Equal(live, ConfigMaps.InOrder(informer.Lister.Objects));
        Assert.Equal(live, ConfigMaps.InOrder(replayed.Objects));
        Assert.Empty(replayed.Contradictions);
        Assert.True(log.Count(1002) > 0, "no version has expired: the worst was not tried");
        Assert.DoesNotContain(log.Told, line => line.Contains("ends the watch at once", StringComparison.Ordinal));
        Assert.Null(informer.Failure);
    }

    /// <summary>All that goes wrong, one after the other, each when the informer has caught up with the one before.</summary>
    private async Task BreakAsync(FaultProxy proxy, Func<Task> writes, Func<Task> catchUp)
    {
        await writes();
        await catchUp();
        Say("the API server is killed");
        await _server.KillApiServerAsync();
        await _server.StartApiServerAsync(CancellationToken);
        await writes();
        await catchUp();

        Say("etcd is killed, and forgets");
        await _server.KillEtcdAsync();
        await _server.StartEtcdAsync(CancellationToken);
        await _server.CompactAsync(CancellationToken);
        await writes();
        await catchUp();

        // Much is deleted and made anew while the informer hears nothing, and then nobody keeps the versions that it knows.
        Say("the informer is cut off; the API server and etcd are killed, and forget");
        proxy.Become(FaultMode.Refuse);
        await writes();
        await Task.WhenAll(_server.KillEtcdAsync(), _server.KillApiServerAsync());
        await _server.StartEtcdAsync(CancellationToken);
        await _server.CompactAsync(CancellationToken);
        await _server.StartApiServerAsync(CancellationToken);
        await writes();

        Say("versions are forgotten faster than pages are turned");
        proxy.DelayFromServer = TimeSpan.FromSeconds(0.1);
        proxy.Become(FaultMode.Forward);
        var caughtUp = catchUp();
        while (!caughtUp.IsCompleted)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.1), TimeProvider.System, CancellationToken);
            await _server.CompactAsync(CancellationToken);
        }

        await caughtUp;
        proxy.DelayFromServer = TimeSpan.Zero;
        var metrics = await _server.GetAsync("/metrics", CancellationToken);
        Assert.Matches("""apiserver_request_total{code="410",[^}]*resource="configmaps",[^}]*verb="LIST""", metrics.Body);

        Say("the connection is reset again and again");
        for (var i = 0; i < 3; i++)
        {
            proxy.Become(FaultMode.Reset);
            proxy.Become(FaultMode.Forward);
            await catchUp();
        }

        Say("the connection is silent for a while");
        proxy.Become(FaultMode.Drop);
        await writes();
        proxy.Become(FaultMode.Forward);
        await catchUp();
        await writes();
    }

    /// <summary>Waits for a thousand writes that are answered.</summary>
    private static async Task AwaitWritesAsync(List<ConfigMapWriter> writers, Task writing)
    {
        var target = writers.Sum(writer => writer.Writes) + 1000;
        await UntilAsync(() => writing.IsCompleted || writers.Sum(writer => writer.Writes) >= target, TimeSpan.FromSeconds(60));
        if (writing.IsCompleted)
        {
            await writing;
        }
    }

    /// <summary>Waits until it is so, or the time is over: what then is not so, an assertion tells better.</summary>
    private static async Task UntilAsync(Func<bool> condition, TimeSpan limit)
    {
        var start = Stopwatch.GetTimestamp();
        while (!condition() && Stopwatch.GetElapsedTime(start) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken);
        }
    }

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
