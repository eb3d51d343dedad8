using Octopoid.Testing;

[assembly: AssemblyFixture(typeof(Octopoid.Operator.Tests.ControlPlaneFixture))]

namespace Octopoid.Operator.Tests;

/// <summary>
/// An API server with our CRDs, one for all tests of this assembly that ask for no other. Each test works in a namespace of its own.
/// </summary>
public sealed class ControlPlaneFixture : IAsyncLifetime
{
    public ControlPlane ControlPlane { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        ControlPlane = await ControlPlane.StartAsync(TestContext.Current.CancellationToken);
        await ControlPlane.ApplyCrdsAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (ControlPlane is not null)
        {
            await ControlPlane.DisposeAsync();
        }
    }
}
