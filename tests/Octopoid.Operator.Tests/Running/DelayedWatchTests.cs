using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>An operator that learns everything five seconds late, but for what its own requests are answered.</summary>
public sealed class DelayedWatchTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    [Fact]
    public async Task Old_news_makes_it_start_less_and_never_more()
    {
        await using var proxy = await WatchDelayProxy.StartAsync(Server, TimeSpan.FromSeconds(5), CancellationToken);
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(100), CancellationToken);
        StartOperator(
            WriteFile("kubeconfig", Server.Kubeconfig(ControlPlane.OperatorToken, proxy.Uri, WriteFile("proxy.crt", proxy.CertificateAuthority))),
            leaseSeconds: 15);
        await ApplyAsync(Blueprint(maxInstances: 5));
        await CreateTasksAsync(Enumerable.Range(1, 40).Select(i => $"t{i:00}"));

        await UntilDoneAsync(40, seconds: 120);
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((5, 40), (account.Peak, account.Jobs));
        Assert.All(await TasksAsync(), task => Assert.Equal((1, 1), (task.Status!.Attempt, task.Status.Attempts!.Count)));
    }
}
