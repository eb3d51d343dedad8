using System.Collections.Concurrent;
using Octopoid.Testing;

[assembly: AssemblyFixture(typeof(Octopoid.Operator.Tests.Running.IdleControlPlanes))]

namespace Octopoid.Operator.Tests.Running;

/// <summary>A real API server with our CRDs and the rights that the chart gives, for one test class at a time: one operator leads in a cluster.</summary>
public abstract class PoolControlPlane : IAsyncLifetime
{
    public ControlPlane ControlPlane { get; private set; } = null!;

    public async ValueTask InitializeAsync() => ControlPlane = await TakeAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (ControlPlane is not null)
        {
            await GiveBackAsync();
        }
    }

    protected abstract Task<ControlPlane> TakeAsync(CancellationToken cancellationToken);

    protected virtual ValueTask GiveBackAsync() => ControlPlane.DisposeAsync();

    /// <summary>Starts one.</summary>
    /// <param name="isAudited">True to have every request logged.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    protected static async Task<ControlPlane> StartAsync(bool isAudited, CancellationToken cancellationToken)
    {
        var controlPlane = await ControlPlane.StartAsync(new ControlPlaneOptions { IsAudited = isAudited }, cancellationToken);
        try
        {
            await controlPlane.ApplyCrdsAsync(cancellationToken);
            var (code, output) = await controlPlane.KubectlAsync(await Chart.RightsAsync(cancellationToken), cancellationToken, "apply", "--validate=false", "-f", "-");
            Assert.True(code == 0, output);
            return controlPlane;
        }
        catch
        {
            await controlPlane.DisposeAsync();
            throw;
        }
    }
}

/// <summary>One for this class alone, which logs every request.</summary>
public sealed class OwnControlPlane : PoolControlPlane
{
    protected override Task<ControlPlane> TakeAsync(CancellationToken cancellationToken) => StartAsync(isAudited: true, cancellationToken);
}

/// <summary>One that other classes have used and will use, one after the other: a server takes longer to start than many a test to run.</summary>
public sealed class SharedControlPlane(IdleControlPlanes idle) : PoolControlPlane
{
    protected override async Task<ControlPlane> TakeAsync(CancellationToken cancellationToken) =>
        idle.Servers.TryTake(out var server) ? server : await StartAsync(isAudited: false, cancellationToken);

    protected override ValueTask GiveBackAsync()
    {
        idle.Servers.Add(ControlPlane);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Those that no class uses at the moment. They end with the last test.</summary>
public sealed class IdleControlPlanes : IAsyncDisposable
{
    internal ConcurrentBag<ControlPlane> Servers { get; } = [];

    public async ValueTask DisposeAsync()
    {
        while (Servers.TryTake(out var server))
        {
            await server.DisposeAsync();
        }
    }
}
