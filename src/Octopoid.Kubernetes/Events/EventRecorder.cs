using System.Diagnostics.Metrics;
using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Events;

/// <summary>
/// Tells people what happens to an object by Events (<c>events.k8s.io/v1</c>), which <c>kubectl describe</c> shows. They are a help and no
/// record: whoever publishes never waits, and what the API server does not take in good time is counted and let go.
/// </summary>
/// <remarks>
/// The same said again within 6 minutes becomes the count of one Event's series. An object has 25 writes at once and one more each 5
/// minutes; 1,000 Events wait at most, of which the oldest is dropped first. Safe for use by several threads at once.
/// </remarks>
public sealed partial class EventRecorder
{
    /// <summary>The last Events before an end matter most, but not more than an end in time: pods are killed after 30 s.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly FailureLog _failures;
    private readonly ILogger _logger;
    private readonly EventCounts _counts;
    private readonly EventLedger _ledger;
    private readonly EventSender _sender;

    /// <summary>Makes a recorder; nothing is sent before <see cref="RunAsync"/>.</summary>
    /// <param name="transport">Where the Events go.</param>
    /// <param name="controller">Who reports, a qualified name, e.g. <c>example.com/operator</c>.</param>
    /// <param name="instance">Which of its instances, e.g. the pod's name; cut to 128 bytes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="jitter">Spreads the pauses between tries.</param>
    /// <param name="failures">Keeps the log from repeating itself.</param>
    /// <param name="meters">Where <c>kubernetes.client.events</c> is registered, tagged with <c>result</c>: <c>sent</c>, <c>series</c>,
    /// <c>dropped</c>, <c>limited</c> or <c>failed</c>.</param>
    /// <param name="logger">Where losses are told.</param>
    /// <exception cref="ArgumentException"><paramref name="controller"/> is not a qualified name: no Event would ever be accepted.</exception>
    public EventRecorder(
        ApiTransport transport,
        string controller,
        string instance,
        TimeProvider time,
        Jitter jitter,
        FailureLog failures,
        IMeterFactory meters,
        ILogger<EventRecorder> logger)
    {
        if (!QualifiedName().IsMatch(controller))
        {
            throw new ArgumentException($"'{controller}' is not a qualified name, such as example.com/operator.", nameof(controller));
        }

        (_time, _failures, _logger) = (time, failures, logger);
        _counts = new EventCounts(meters);
        _ledger = new EventLedger(time, _counts);
        _sender = new EventSender(transport, controller, EventContent.Word(instance), time, jitter);
    }

    /// <summary>Says something about an object. Never waits and never throws: what the API server would refuse for its length is cut, and what
    /// is missing is <c>Unknown</c>.</summary>
    /// <param name="regarding">The object.</param>
    /// <param name="type">Whether that is as it should be.</param>
    /// <param name="reason">Why, one word for programs, e.g. <c>JobCreated</c>; at most 128 bytes of UTF-8.</param>
    /// <param name="action">What was done or tried, one word for programs, e.g. <c>CreateJob</c>; at most 128 bytes of UTF-8.</param>
    /// <param name="note">A sentence for people; at most 1,024 bytes of UTF-8. The same is to be said in the same words, or it makes no series.</param>
    public void Publish(ObjectReference regarding, EventType type, string reason, string action, string note)
    {
        if (regarding is null)
        {
            _counts.Fail();
            return;
        }

        _ledger.Add(EventContent.Of(regarding, type, reason, action, note), regarding.ResourceVersion);
    }

    /// <summary>Sends what is published, one at a time, until the token is cancelled; then for 2 s at most what is left. To be called once at a
    /// time, and again after its end if need be.</summary>
    /// <param name="cancellationToken">Ends it; the task then completes without an exception.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var end = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _time);
        using var farewell = cancellationToken.Register(() => end.CancelAfter(Farewell));
        var dropped = _counts.Dropped;
        while (!end.IsCancellationRequested)
        {
            var isEnding = cancellationToken.IsCancellationRequested;
            if (_ledger.Take(isEnding, out var more, out var wait) is { } write)
            {
                await SendAsync(write, end.Token).ConfigureAwait(false);
                if (_counts.Dropped > dropped && _failures.IsDue("events dropped", ""))
                {
                    // Told here, not where they are published: a log may block.
                    LogDropped(_counts.Dropped);
                }

                dropped = _counts.Dropped;
            }
            else if (isEnding)
            {
                return;
            }
            else
            {
                await more.WaitAsync(wait, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task SendAsync(EventWrite write, CancellationToken cancellationToken)
    {
        var isNew = write.IsNew;
        try
        {
            if (!isNew && !await _sender.PatchAsync(write, cancellationToken).ConfigureAwait(false))
            {
                // Gone: deleted, or its hour was over. The new one has the count of the old.
                write.Series.Rename();
                isNew = true;
            }

            if (isNew)
            {
                await _sender.CreateAsync(write, cancellationToken).ConfigureAwait(false);
                _counts.Sent();
            }
            else
            {
                _counts.Series();
            }

            _ledger.Succeed(write);
        }
        catch (Exception e)
        {
            // Whatever it is, it must not end the sending of all others.
            _counts.Fail();
            _ledger.Fail(write, isNew, isFinal: !EventSender.IsWorthAnotherTry(e));
            if (e is not OperationCanceledException)
            {
                Tell(e);
            }
        }
    }

    private void Tell(Exception failure)
    {
        var code = (failure as ApiException)?.Code;
        var (what, error) = failure switch
        {
            ApiException { Code: HttpStatusCode.Forbidden } => ("403", "grant create and patch of events.events.k8s.io (or a namespace is being deleted)"),
            ApiException { Code: HttpStatusCode.NotFound } => ("404", "a namespace is gone, or the API server does not serve events.k8s.io/v1"),
            ApiException => ($"{(int)code!}", $"the API server answers {(int)code} {code}"),
            HttpRequestException or TimeoutException or IOException => ("none", "the API server does not answer"),
            _ => (failure.GetType().Name, failure.GetType().Name),
        };

        // Never the failure's own sentence: it may quote the note, and names what differs from Event to Event.
        if (_failures.IsDue($"events {what}", ""))
        {
            LogFailed(_counts.Failed, error);
        }
    }

    [GeneratedRegex(@"\A(?:(?=[^/]{1,253}/)[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*/)?(?=[^/]{1,63}\z)[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?\z")]
    private static partial Regex QualifiedName();

    [LoggerMessage(EventId = 1301, Level = LogLevel.Warning, Message = "Cannot write Events ({Failed} given up so far): {Error}.")]
    private partial void LogFailed(long failed, string error);

    [LoggerMessage(EventId = 1302, Level = LogLevel.Warning, Message = "Events are published faster than they can be sent ({Dropped} dropped so far).")]
    private partial void LogDropped(long dropped);
}
