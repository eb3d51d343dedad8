using System.Threading.Channels;
using Octopoid.Core.Admission;

namespace Octopoid.Operator.Effects;

/// <summary>Carries decisions out, a bounded number at once. A task is never in two: its slot's phase sees to it.</summary>
internal sealed class EffectPool(ClaimTask claim, CreateJob createJob, FinishAttempt finish)
{
    /// <summary>32 writes at once keep an API server busy; many more only queue there and meet its limits (429).</summary>
    private const int Workers = 32;

    private readonly Channel<Decision> _decisions = Channel.CreateUnbounded<Decision>(new UnboundedChannelOptions { SingleWriter = true });

    /// <summary>Adds a decision to those to be carried out, in order.</summary>
    public void Dispatch(Decision decision) => _decisions.Writer.TryWrite(decision);

    /// <summary>Carries decisions out until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = cancellationToken };
        try
        {
            await Parallel.ForEachAsync(_decisions.Reader.ReadAllAsync(cancellationToken), options, CarryOutAsync).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What was under way, the next leader finds by what landed.
        }
    }

    private async ValueTask CarryOutAsync(Decision decision, CancellationToken cancellationToken)
    {
        switch (decision)
        {
            case Decision.Claim d: await claim.RunAsync(d, cancellationToken).ConfigureAwait(false); break;
            case Decision.CreateJob d: await createJob.RunAsync(d, cancellationToken).ConfigureAwait(false); break;
            case Decision.Finish d: await finish.RunAsync(d, cancellationToken).ConfigureAwait(false); break;
            default: throw new ArgumentOutOfRangeException(nameof(decision), decision, "No effect carries out this decision.");
        }
    }
}
