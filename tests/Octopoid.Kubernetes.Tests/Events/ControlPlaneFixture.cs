using System.Net;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>A real API server.</summary>
public sealed class ControlPlaneFixture : IAsyncLifetime
{
    public ControlPlane ControlPlane { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        ControlPlane = await ControlPlane.StartAsync(cancellationToken);

        // The server makes its namespaces after it has said that it is ready.
        foreach (var name in (string[])["default", "kube-system"])
        {
            await ControlPlane.WaitUntilAsync(
                async () => (await ControlPlane.GetAsync($"/api/v1/namespaces/{name}", cancellationToken)).Code == HttpStatusCode.OK,
                $"there is no namespace {name}",
                cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => ControlPlane?.DisposeAsync() ?? ValueTask.CompletedTask;
}
