using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Tests.Running;
using Octopoid.Operator.Watch;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Loop;

/// <summary>On the real API server, with a clock of the audit's own that runs fast.</summary>
public sealed class SelfAuditTests(SharedControlPlane fixture) : IClassFixture<SharedControlPlane>
{
    [Fact]
    public async Task Every_ten_minutes_the_ledger_is_to_be_compared_and_what_new_lists_bring_is_told_before()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var (time, jitter, failures) = (TimeProvider.System, new Jitter(new Random(1)), new FailureLog(TimeProvider.System));
        var metrics = new ApiMetrics(services.GetRequiredService<IMeterFactory>());
        using var connection = new ApiConnection(
            ApiServerConfiguration.Kubeconfig(fixture.ControlPlane.KubeconfigPath), time, failures, NullLogger<ApiConnection>.Instance);
        var elector = new LeaderElector(
            connection,
            metrics,
            new LeaderElectionOptions { Namespace = "default", Name = "self-audit", Identity = "test" },
            time,
            jitter,
            failures,
            NullLogger<LeaderElector>.Instance);
        using var watches = new Watches(new ApiTransport(connection, time, jitter, metrics), elector, new OperatorOptions(), time, jitter, failures, NullLoggerFactory.Instance);
        var election = elector.RunAsync((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, time, token), stop.Token);
        await watches.StartAsync(stop.Token);
        var inbox = new Inbox(time);
        using var feed = await watches.FeedAsync(inbox, stop.Token);

        // Ten minutes in a second.
        var fast = new FastTime(600);
        var audit = new SelfAudit(watches, inbox, fast).RunAsync(stop.Token);
        var ages = new List<TimeSpan>();
        while (ages.Count < 3)
        {
            await inbox.WaitAsync(null, stop.Token);
            while (inbox.TryTake(out var fact))
            {
                ages.AddRange(fact is Fact.AuditDue ? [fast.Elapsed] : []);
            }
        }

        await stop.CancelAsync();
        await audit;
        await watches.StopAsync(CancellationToken.None);
        await election;
        Assert.All(ages.Zip(ages.Prepend(TimeSpan.Zero)), pair => Assert.True(pair.First - pair.Second >= TimeSpan.FromMinutes(10)));
    }
}
