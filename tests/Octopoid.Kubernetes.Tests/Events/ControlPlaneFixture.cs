using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>A real API server.</summary>
public sealed class ControlPlaneFixture : IAsyncLifetime
{
    public ControlPlane ControlPlane { get; private set; } = null!;

    public async ValueTask InitializeAsync() => ControlPlane = await ControlPlane.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync() => ControlPlane?.DisposeAsync() ?? ValueTask.CompletedTask;
}
