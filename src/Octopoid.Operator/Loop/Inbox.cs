using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Octopoid.Core.State;

namespace Octopoid.Operator.Loop;

/// <summary>Where facts wait for the loop. Posting never blocks: whoever posts holds a watch or a write's answer, which must not be lost.</summary>
/// <param name="time">The clock that the loop waits by.</param>
internal sealed class Inbox(TimeProvider time)
{
    /// <summary>Timers end at 49 days; whoever waits for longer looks again.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Channel<Fact> _facts = Channel.CreateUnbounded<Fact>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Adds one fact.</summary>
    public void Post(Fact fact) => _facts.Writer.TryWrite(fact);

    /// <summary>Adds several facts, in order.</summary>
    public void Post(IEnumerable<Fact> facts)
    {
        foreach (var fact in facts)
        {
            Post(fact);
        }
    }

    /// <summary>Takes the oldest fact, if there is one.</summary>
    public bool TryTake([MaybeNullWhen(false)] out Fact fact) => _facts.Reader.TryRead(out fact);

    /// <summary>Completes when there is a fact, or a time has come.</summary>
    /// <param name="until">The time; null waits for a fact alone.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task WaitAsync(DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var wait = until is null ? Timeout.InfiniteTimeSpan : until.Value - time.GetUtcNow();
        if (until is not null && wait <= TimeSpan.Zero)
        {
            return;
        }

        using var alarm = new CancellationTokenSource(wait < LongestWait ? wait : LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, alarm.Token);
        try
        {
            await _facts.Reader.WaitToReadAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The time has come.
        }
    }
}
