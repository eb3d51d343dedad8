using System.Threading.Channels;
using Octopoid.Core.State;

namespace Octopoid.Operator.Loop;

/// <summary>Where facts wait for the loop. Posting never blocks: whoever posts holds a watch or a write's answer, which must not be lost.</summary>
internal sealed class Inbox
{
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
    public bool TryTake([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out Fact fact) => _facts.Reader.TryRead(out fact);

    /// <summary>Completes when there is a fact.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken) =>
        await _facts.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false);
}
