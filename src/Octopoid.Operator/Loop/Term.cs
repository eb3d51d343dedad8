using Octopoid.Operator.Effects;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Loop;

/// <summary>
/// All that a leader does, from winning the Lease until it is lost. Nothing of it outlives the term: the next one begins with an empty
/// state and consistent lists, as a new process would.
/// </summary>
internal sealed class Term(Watches watches, Inbox inbox, OrchestratorBootstrap bootstrap, AdmissionLoop loop, EffectPool effects, SelfAudit audit)
{
    /// <summary>Leads until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var feed = await watches.FeedAsync(inbox, cancellationToken).ConfigureAwait(false);
        await bootstrap.EnsureAsync(cancellationToken).ConfigureAwait(false);

        // A part that ends by itself has failed, and takes the others with it.
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] parts = [loop.RunAsync(end.Token), effects.RunAsync(end.Token), audit.RunAsync(end.Token)];
        await Task.WhenAny(parts).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).ConfigureAwait(false);
    }
}
