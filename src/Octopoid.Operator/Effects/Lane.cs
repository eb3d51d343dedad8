namespace Octopoid.Operator.Effects;

/// <summary>Lets so many through at once, in the order in which they came. Who leaves lets the next one in on his own thread: what follows from the same
/// events is the same each time.</summary>
/// <param name="width">How many.</param>
internal sealed class Lane(int width)
{
    private readonly Lock _gate = new();
    private readonly Queue<TaskCompletionSource> _waiting = [];
    private int _free = width;

    /// <summary>Waits for a turn.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled before the turn came.</exception>
    public async Task EnterAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource turn;
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            turn = new TaskCompletionSource();
            _waiting.Enqueue(turn);
        }

        using var end = cancellationToken.UnsafeRegister(static (turn, token) => ((TaskCompletionSource)turn!).TrySetCanceled(token), turn);
        await turn.Task.ConfigureAwait(false);
    }

    /// <summary>Gives the place to whoever waits longest, if anybody does.</summary>
    public void Leave()
    {
        TaskCompletionSource? next;
        do
        {
            lock (_gate)
            {
                if (!_waiting.TryDequeue(out next))
                {
                    _free++;
                }
            }

            // One that was cancelled has gone.
        }
        while (next?.TrySetResult() == false);
    }
}
