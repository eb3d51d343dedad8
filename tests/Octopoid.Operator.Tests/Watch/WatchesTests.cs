using Microsoft.Extensions.Time.Testing;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Watch;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Watch;

/// <summary>One of two watched namespaces cannot be listed.</summary>
public sealed class WatchesTests
{
    private volatile bool _isForbidden = true;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_leader_waits_for_every_list_says_for_which_and_goes_on_once_it_comes()
    {
        var time = new FakeTimeProvider();
        await using var server = await ApiServerStub.StartAsync(List, time, "team-a", "team-b");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var run = await StartAsync(server, stop.Token);
        var feed = server.Watches.FeedAsync(new Inbox(time), CancellationToken);

        // Time stands until every other list has come: one that is slow to come is told of, too, and rightly.
        ResourcePath[] others = [ResourcePaths.Blueprints, ResourcePaths.Orchestrators, ResourcePaths.Flows, ResourcePaths.Repositories, ResourcePaths.Tasks, ResourcePaths.Pods];
        await server.Watches.RelistAsync("for the test", others, CancellationToken);
        await server.Watches.Jobs.Parts.First().RelistAsync(CancellationToken);
        const string Told = "A new list of jobs.batch of team-b is needed to lead and does not come: forbidden: grant list and watch.";
        await Eventually.IsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return server.Log.Warnings.Contains(Told);
        });
        Assert.All(server.Log.Warnings.Where(line => line.StartsWith("A new list", StringComparison.Ordinal)), line => Assert.Equal(Told, line));
        Assert.Contains("Cannot watch jobs.batch of team-b: forbidden: grant list and watch.", server.Log.Warnings);
        Assert.False(feed.IsCompleted);

        _isForbidden = false;
        await Eventually.IsAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return feed.IsCompleted;
        });
        using var registration = await feed;
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task A_self_audit_that_gets_no_list_says_so()
    {
        var time = new FastTime(100);
        await using var server = await ApiServerStub.StartAsync(List, time, "team-a", "team-b");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var run = await StartAsync(server, stop.Token);
        var (inbox, fast) = (new Inbox(time), new FastTime(6000));
        var audit = new SelfAudit(server.Watches, inbox, fast).RunAsync(stop.Token);

        await Eventually.IsAsync(() => server.Log.Warnings.Any(line => line.StartsWith("A new list of jobs.batch of team-b is needed to audit the ledger", StringComparison.Ordinal)));
        Assert.False(inbox.TryTake(out _));
        _isForbidden = false;
        await inbox.WaitAsync(null, CancellationToken);
        Assert.True(inbox.TryTake(out var fact));
        Assert.IsType<Fact.AuditDue>(fact);

        await stop.CancelAsync();
        await audit;
        await run;
    }

    [Fact]
    public async Task A_list_of_one_namespace_removes_nothing_of_the_other()
    {
        _isForbidden = false;
        var time = TimeProvider.System;
        await using var server = await ApiServerStub.StartAsync(List, time, "team-a", "team-b");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        var run = await StartAsync(server, stop.Token);
        (await server.Watches.FeedAsync(new Inbox(time), CancellationToken)).Dispose();
        Assert.Equal(["team-a", "team-b"], Jobs());

        _isForbidden = true;
        var parts = server.Watches.Jobs.Parts.ToList();
        var (first, second) = (parts[0].RelistAsync(CancellationToken), parts[1].RelistAsync(CancellationToken));
        await first;
        Assert.False(second.IsCompleted);
        Assert.Equal(["team-a", "team-b"], Jobs());

        await stop.CancelAsync();
        await run;

        IEnumerable<string> Jobs() => new[] { "team-a", "team-b" }.Where(name => server.Watches.Jobs.Find(new(name, "job")) is not null);
    }

    /// <summary>Runs the watches; who cannot stand for election watches all the same.</summary>
    private static async Task<Task> StartAsync(ApiServerStub server, CancellationToken stop)
    {
        var election = server.Elector.RunAsync((_, _) => Task.CompletedTask, stop);
        await server.Watches.StartAsync(stop);
        return Task.WhenAll(election, server.Watches.ExecuteTask!);
    }

    private (int Code, string Items) List(string path) => path switch
    {
        _ when !path.EndsWith("/jobs", StringComparison.Ordinal) => (200, ""),
        _ when path.Contains("/team-a/", StringComparison.Ordinal) => (200, Job("team-a")),
        _ => _isForbidden ? (403, "") : (200, Job("team-b")),
    };

    private static string Job(string namespaceName) =>
        $$$"""{"metadata":{"name":"job","namespace":"{{{namespaceName}}}","uid":"uid-{{{namespaceName}}}","resourceVersion":"1"}}""";
}
