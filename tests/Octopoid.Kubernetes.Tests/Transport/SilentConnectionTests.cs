using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Transport;

/// <summary>A network that loses every packet. HTTP/2's pings go by the machine's own clock, so this takes most of a minute.</summary>
public sealed class SilentConnectionTests(ControlPlaneFixture fixture) : IClassFixture<ControlPlaneFixture>
{
    private readonly ControlPlane _server = fixture.ControlPlane;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_connection_that_is_lost_without_a_word_is_noticed_and_made_anew()
    {
        await using var folder = new TemporaryFolder("octopoid-silent-");
        await using var proxy = FaultProxy.Start(_server.Uri);
        var kubeconfig = folder.Combine("kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, _server.Kubeconfig(ControlPlane.AdminToken, proxy.Uri), CancellationToken);
        var name = await _server.CreateNamespaceAsync(CancellationToken);
        using var connection = new TestConnection(ApiServerConfiguration.Kubeconfig(kubeconfig), TimeProvider.System);
        var informer = connection.Informer(Thing.Watched with { Path = new ResourcePath("", "v1", "configmaps"), Namespace = name });
        using var stop = new CancellationTokenSource();
        var run = informer.RunAsync(stop.Token);

        // Or it might come with the list, and the silence before the watch.
        await informer.Synced.WaitAsync(TimeSpan.FromSeconds(15), CancellationToken);
        await CreateAsync("before");
        await SeesAsync("before");

        proxy.Become(FaultMode.Drop);
        await CreateAsync("meanwhile");

        // 30 s without a frame, and 15 s without the answer of a ping, each looked at every 3.75 s; a busy machine is given some more.
        await Eventually.IsAsync(() => informer.Failure is not null, TimeSpan.FromSeconds(70), () => "the silence is noticed", CancellationToken);
        Assert.Contains("respond to a ping", informer.Failure, StringComparison.Ordinal);
        Assert.Null(informer.Lister.Find(new ObjectKey(name, "meanwhile")));

        proxy.Become(FaultMode.Forward);
        await SeesAsync("meanwhile");
        Assert.Null(informer.Failure);
        await stop.CancelAsync();
        await run;

        async Task CreateAsync(string configMap) => (await _server.SendAsync(
            HttpMethod.Post,
            $"/api/v1/namespaces/{name}/configmaps",
            $$"""{"metadata":{"name":"{{configMap}}"} }""",
            "application/json",
            CancellationToken)).EnsureSuccess();

        Task SeesAsync(string configMap) => Eventually.IsAsync(
            () => informer.Lister.Find(new ObjectKey(name, configMap)) is not null, TimeSpan.FromSeconds(15), () => $"{configMap} is seen", CancellationToken);
    }
}
