using System.Net;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Operator.Effects;

/// <summary>
/// Tries a write until its outcome is definite: a slot must know whether its write landed, however long the API server is away. A bounded number
/// of tries are under way at once; those that pause keep nobody waiting.
/// </summary>
internal sealed partial class Retries(Jitter jitter, TimeProvider time, FailureLog failures, ILogger<Retries> logger) : IDisposable
{
    /// <summary>32 writes at once keep an API server busy; many more only queue there and meet its limits (429).</summary>
    private const int Places = 32;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _places = new(Places);

    /// <summary>True for a refusal that the same write would meet again: what it is for, the step knows. False when another try may tell more: no
    /// answer, a conflict, credentials that are being renewed.</summary>
    /// <param name="refusal">What the API server answered.</param>
    public static bool IsDefinite(ApiException refusal) =>
        !ApiException.IsTransient(refusal) && !refusal.IsConflict && refusal.Code != HttpStatusCode.Unauthorized;

    /// <summary>Runs a step until it throws none of: no answer, a refusal, no leadership. A refusal that is <see cref="IsDefinite"/> the step deals
    /// with itself where it can; what it lets pass, such as a read that is forbidden, is tried again till somebody mends it.</summary>
    /// <param name="what">What is tried, for the log.</param>
    /// <param name="task">The task concerned, for the log.</param>
    /// <param name="step">The step, given whether an earlier try may have taken effect.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    /// <param name="lane">What lets fewer of these through at once; it is waited for before a place that others could use is taken.</param>
    public async Task<T> UntilDefiniteAsync<T>(
        string what, string task, Func<bool, CancellationToken, Task<T>> step, CancellationToken cancellationToken, Lane? lane = null)
    {
        var backoff = new Backoff(FirstPause, LongestPause, jitter, time);
        var key = $"{what} of {task}";
        var isAmbiguous = false;
        try
        {
            while (true)
            {
                var (outcome, failure) = await TryInLaneAsync(lane, step, isAmbiguous, cancellationToken).ConfigureAwait(false);
                if (failure is null)
                {
                    return outcome!;
                }

                // Refused, or not sent, a request has done nothing; without an answer, or with a server's error, it may have.
                isAmbiguous |= failure is not (ApiException { Code: < HttpStatusCode.InternalServerError } or NotLeaderException);
                if (!IsToldElsewhere(failure) && failures.IsDue(key, failure.Message))
                {
                    LogRetry(what, task, failure.Message);
                }

                await backoff.PauseAsync(failure, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            failures.Clear(key);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _places.Dispose();

    private async Task<(T? Outcome, Exception? Failure)> TryInLaneAsync<T>(
        Lane? lane, Func<bool, CancellationToken, Task<T>> step, bool isAmbiguous, CancellationToken cancellationToken)
    {
        if (lane is null)
        {
            return await TryAsync(step, isAmbiguous, cancellationToken).ConfigureAwait(false);
        }

        await lane.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await TryAsync(step, isAmbiguous, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            lane.Leave();
        }
    }

    private async Task<(T? Outcome, Exception? Failure)> TryAsync<T>(
        Func<bool, CancellationToken, Task<T>> step, bool isAmbiguous, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return (await step(isAmbiguous, cancellationToken).ConfigureAwait(false), null);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException or NotLeaderException)
        {
            return (default, e);
        }
        finally
        {
            _places.Release();
        }
    }

    /// <summary>The connection tells of what ails it, and the elector of a lead in doubt, once for all.</summary>
    private static bool IsToldElsewhere(Exception failure) => failure is NotLeaderException || ApiConnection.IsCause(failure);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Warning, Message = "Cannot {What} of task {Task} yet: {Error}")]
    private partial void LogRetry(string what, string task, string error);
}
