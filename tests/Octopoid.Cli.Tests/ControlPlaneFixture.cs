using Octopoid.Testing;

[assembly: AssemblyFixture(typeof(Octopoid.Cli.Tests.ControlPlaneFixture))]

namespace Octopoid.Cli.Tests;

/// <summary>An API server with our CRDs for all tests here that need one. Each works in a namespace of its own.</summary>
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
