using System.Net;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Operator.Effects;

/// <summary>Tries a write until its outcome is definite: a slot must know whether its write landed, however long the API server is away.</summary>
internal sealed partial class Retries(Jitter jitter, TimeProvider time, FailureLog failures, ILogger<Retries> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>Runs a step until it neither throws a transient failure nor a conflict. What else the server refuses, it will refuse again: the
    /// step deals with that itself.</summary>
    /// <param name="what">What is tried, for the log.</param>
    /// <param name="task">The task concerned, for the log.</param>
    /// <param name="step">The step, given whether an earlier try may have taken effect.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    public async Task<T> UntilDefiniteAsync<T>(
        string what, string task, Func<bool, CancellationToken, Task<T>> step, CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstPause, LongestPause, jitter, time);
        var key = $"{what} of {task}";
        var isAmbiguous = false;
        while (true)
        {
            Exception cause;
            try
            {
                var outcome = await step(isAmbiguous, cancellationToken).ConfigureAwait(false);
                failures.Clear(key);
                return outcome;
            }
            catch (Exception e) when (e is ApiException { IsConflict: true } || ApiException.IsTransient(e))
            {
                // Refused for want of capacity or by a conflict, a request has done nothing; without an answer it may have.
                isAmbiguous |= e is not ApiException { Code: HttpStatusCode.TooManyRequests or HttpStatusCode.Conflict };
                cause = e;
                if (!ApiConnection.IsCause(e) && failures.IsDue(key, e.Message))
                {
                    LogRetry(what, task, e.Message);
                }
            }

            await backoff.PauseAsync(cause, cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Cannot {What} of task {Task} yet: {Error}")]
    private partial void LogRetry(string what, string task, string error);
}
