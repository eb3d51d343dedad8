using Octopoid.Core.State;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Loop;

/// <summary>Has the ledger compared with fresh, consistent lists, again and again: a promise that is checked while it is kept.</summary>
internal sealed class SelfAudit(Watches watches, Inbox inbox, TimeProvider time)
{
    /// <summary>Ten minutes: three lists then cost next to nothing beside the work, and a slot that was lost is not lost for long.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);

    /// <summary>Audits until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Interval, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!cancellationToken.IsCancellationRequested)
            {
                await AuditAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task AuditAsync(CancellationToken cancellationToken)
    {
        // What the lists bring that was not known comes as facts before this one.
        await watches.RelistAsync(
            "to audit the ledger", [ResourcePaths.Tasks, ResourcePaths.Jobs, ResourcePaths.Pods], cancellationToken).ConfigureAwait(false);
        inbox.Post(new Fact.AuditDue());
    }
}
