using System.Net;
using System.Text.Json;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Events;

/// <summary>Makes the writes of Events, each in a few tries. For one at a time.</summary>
/// <param name="transport">Where they go.</param>
/// <param name="controller">Who reports.</param>
/// <param name="instance">Which of its instances.</param>
/// <param name="time">The clock of the pauses.</param>
/// <param name="jitter">Spreads them.</param>
internal sealed class EventSender(ApiTransport transport, string controller, string instance, TimeProvider time, Jitter jitter)
{
    private const int MostTries = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>A server that wants to be left alone for longer is asked once in between: it may have been mended.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    /// <summary>Where old servers, 1.20 among them, want the Events of cluster-scoped objects; newer ones take them there as well.</summary>
    private const string OldNamespaceOfCluster = "kube-system";

    private static readonly ResourcePath Events = new("events.k8s.io", "v1", "events");

    private readonly Backoff _backoff = new(FirstPause, LongestPause, jitter, time);
    private string _namespaceOfCluster = "default";

    /// <summary>True when the same write may well succeed later. Refused credentials are read again by the connection.</summary>
    public static bool IsWorthAnotherTry(Exception e) =>
        ApiException.IsTransient(e) || e is ApiException { Code: HttpStatusCode.Unauthorized };

    /// <summary>Creates the Event.</summary>
    public async Task CreateAsync(EventWrite write, CancellationToken cancellationToken)
    {
        var own = write.Series.Content.Regarding.Namespace;
        if (!string.IsNullOrEmpty(own))
        {
            await CreateAsync(write, own, cancellationToken).ConfigureAwait(false);
            return;
        }

        try
        {
            await CreateAsync(write, _namespaceOfCluster, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.Code == HttpStatusCode.UnprocessableEntity && _namespaceOfCluster != OldNamespaceOfCluster)
        {
            await CreateAsync(write, OldNamespaceOfCluster, cancellationToken).ConfigureAwait(false);
            _namespaceOfCluster = OldNamespaceOfCluster;
        }
    }

    /// <summary>Writes the count of its series.</summary>
    /// <returns>False when there is no such Event.</returns>
    public async Task<bool> PatchAsync(EventWrite write, CancellationToken cancellationToken)
    {
        var path = Events.Object(write.Series.Namespace, write.Series.Name);
        var body = new EventBody { Series = Repetition(write) };
        try
        {
            await TryAsync(
                () => transport.MergePatchAsync(path, Json(body), EventsJson.Default.EventBody, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    private async Task CreateAsync(EventWrite write, string namespaceName, CancellationToken cancellationToken)
    {
        var (series, content) = (write.Series, write.Series.Content);
        var body = new EventBody
        {
            ApiVersion = "events.k8s.io/v1",
            Kind = "Event",
            Metadata = new EventBody.EventMetadata(series.Name, namespaceName),
            EventTime = MicroTime.Format(series.First),
            ReportingController = controller,
            ReportingInstance = instance,
            Type = content.Type == EventType.Warning ? "Warning" : "Normal",
            Reason = content.Reason,
            Action = content.Action,
            Note = content.Note,
            Regarding = content.Regarding with { ResourceVersion = series.ResourceVersion },
            Series = write.Count > 1 ? Repetition(write) : null,
        };
        try
        {
            await TryAsync(
                () => transport.PostAsync(Events.Collection(namespaceName), Json(body), EventsJson.Default.EventBody, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // By a try whose answer was lost: nobody else makes such a name.
        }

        series.Namespace = namespaceName;
    }

    /// <summary>Tries a few times. The pauses grow from Event to Event until one is sent: during an outage few are used up.</summary>
    private async Task TryAsync(Func<Task> send, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await send().ConfigureAwait(false);
                _backoff.Reset();
                return;
            }
            catch (Exception e) when (IsWorthAnotherTry(e))
            {
                // After the last try too: the next Event is no more welcome.
                var asked = (e as ApiException)?.RetryAfter;
                var pause = _backoff.Draw(asked < LongestRetryAfter ? asked : asked is null ? null : LongestRetryAfter);
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
                if (tries == MostTries)
                {
                    throw;
                }
            }
        }
    }

    private static EventBody.EventRepetition Repetition(EventWrite write) => new(write.Count, MicroTime.Format(write.Last));

    private static byte[] Json(EventBody body) => JsonSerializer.SerializeToUtf8Bytes(body, EventsJson.Default.EventBody);
}
