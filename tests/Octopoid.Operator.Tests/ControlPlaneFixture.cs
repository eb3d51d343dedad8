using Octopoid.Testing;

[assembly: AssemblyFixture(typeof(Octopoid.Operator.Tests.ControlPlaneFixture))]

namespace Octopoid.Operator.Tests;

/// <summary>
/// An API server with our CRDs, one for all tests of this assembly that ask for no other. Each test works in a namespace of its own.
/// </summary>
public class ControlPlaneFixture : IAsyncLifetime
{
    public ControlPlane ControlPlane { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        ControlPlane = await ControlPlane.StartAsync(new ControlPlaneOptions { IsAudited = IsAudited }, TestContext.Current.CancellationToken);
        await ControlPlane.ApplyCrdsAsync(TestContext.Current.CancellationToken);
        await PrepareAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>True to have every request logged.</summary>
    protected virtual bool IsAudited => false;

    /// <summary>What a fixture adds before the first test.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Creates a namespace that nobody else uses and answers its name.</summary>
    public Task<string> CreateNamespaceAsync(CancellationToken cancellationToken) => ControlPlane.CreateNamespaceAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (ControlPlane is not null)
        {
            await ControlPlane.DisposeAsync();
        }
    }
}
