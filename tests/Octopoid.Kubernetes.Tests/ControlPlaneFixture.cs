using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests;

/// <summary>An API server for the tests of one class: most here need none, and some of those that do kill theirs.</summary>
public sealed class ControlPlaneFixture : IAsyncLifetime
{
    public ControlPlane ControlPlane { get; private set; } = null!;

    public async ValueTask InitializeAsync() => ControlPlane = await ControlPlane.StartAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (ControlPlane is not null)
        {
            await ControlPlane.DisposeAsync();
        }
    }
}
