using Octopoid.Kubernetes.Leases;

namespace Octopoid.Operator.Loop;

/// <summary>Stands for election, and leads term by term.</summary>
internal sealed class Leader(LeaderElector elector, IServiceScopeFactory scopes) : BackgroundService
{
    /// <summary>The term under way; null between terms.</summary>
    public Leadership? Leadership { get; private set; }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => elector.RunAsync(LeadAsync, stoppingToken);

    private async Task LeadAsync(Leadership leadership, CancellationToken cancellationToken)
    {
        Leadership = leadership;
        var scope = scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            await scope.ServiceProvider.GetRequiredService<Term>().RunAsync(cancellationToken).ConfigureAwait(false);
        }

        Leadership = null;
    }
}
