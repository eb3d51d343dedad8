namespace Octopoid.Kubernetes.Transport;

/// <summary>Pauses that double from try to try up to a longest, each spread at random. For one sequence of tries.</summary>
/// <param name="first">The first pause before its spreading.</param>
/// <param name="longest">The longest.</param>
/// <param name="jitter">The spreading.</param>
/// <param name="time">The clock that the pauses are measured on.</param>
public sealed class Backoff(TimeSpan first, TimeSpan longest, Jitter jitter, TimeProvider time)
{
    /// <summary>Ten minutes: a server in trouble is believed for as long, but one wrong number must not deafen us for a day. (Nor could
    /// a timer take all that fit into a header.)</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(10);

    private TimeSpan? _next;

    /// <summary>The next try, if it fails, is followed by the first pause again.</summary>
    public void Reset() => _next = null;

    /// <summary>Draws the pause after a failure; the one after it will be longer.</summary>
    /// <param name="atLeast">What the server asked for, if it did; more than ten minutes are not granted.</param>
    public TimeSpan Draw(TimeSpan? atLeast = null)
    {
        var next = _next ?? first;
        var pause = jitter.Spread(next);
        _next = next * 2 < longest ? next * 2 : longest;
        var asked = atLeast < LongestAsked ? atLeast.Value : LongestAsked;
        return atLeast is not null && asked > pause ? asked : pause;
    }

    /// <summary>Waits for the pause after a failure.</summary>
    /// <param name="cause">The failure; an <see cref="ApiException"/> may say how long to wait at least.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task PauseAsync(Exception? cause, CancellationToken cancellationToken) =>
        Task.Delay(Draw((cause as ApiException)?.RetryAfter), time, cancellationToken);
}
