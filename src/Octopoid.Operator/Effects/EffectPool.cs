using System.Threading.Channels;
using Octopoid.Core.Admission;
using Octopoid.Operator.Forge;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Effects;

/// <summary>Carries decisions out, each at once: <see cref="Retries"/> bounds the requests. A task is never in two: its slot's phase sees to it, and
/// so there are never more than slots.</summary>
internal sealed class EffectPool(ClaimTask claim, CreateJob createJob, FinishAttempt finish, InspectAttempt inspect, SettleTask settle, DeleteJob deleteJob, RemoveObject remove, CountPullRequests count, TaskEvents events)
{
    private readonly Channel<Decision> _decisions = Channel.CreateUnbounded<Decision>(new UnboundedChannelOptions { SingleWriter = true });

    /// <summary>Adds a decision to those to be carried out, in order.</summary>
    public void Dispatch(Decision decision) => _decisions.Writer.TryWrite(decision);

    /// <summary>Carries decisions out until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = int.MaxValue, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForEachAsync(
                _decisions.Reader.ReadAllAsync(cancellationToken),
                options,
                async (decision, token) => await CarryOutAsync(decision, token).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was under way, the next leader finds by what landed.
        }
    }

    /// <summary>Carries a decision out, to its definite end.</summary>
    internal Task CarryOutAsync(Decision decision, CancellationToken cancellationToken) => decision switch
    {
        Decision.Claim d => claim.RunAsync(d, cancellationToken),
        Decision.CreateJob d => createJob.RunAsync(d, cancellationToken),
        Decision.Finish d => finish.RunAsync(d, cancellationToken),
        Decision.Inspect d => inspect.RunAsync(d, cancellationToken),
        Decision.Settle d => settle.RunAsync(d, cancellationToken),
        Decision.DeleteJob d => deleteJob.RunAsync(d, cancellationToken),
        Decision.Remove d => remove.RunAsync(d, cancellationToken),
        Decision.CountPullRequests d => count.RunAsync(d, cancellationToken),
        Decision.Announce d => Tell(d),
        _ => throw new ArgumentOutOfRangeException(nameof(decision), decision, "No effect carries out this decision."),
    };

    private Task Tell(Decision.Announce announce)
    {
        events.Waits(announce.Slot, announce.Reason, announce.Message);
        return Task.CompletedTask;
    }
}
