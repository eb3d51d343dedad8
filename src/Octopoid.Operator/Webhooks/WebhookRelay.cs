using System.Globalization;
using System.Text;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Webhooks;

/// <summary>Writes into a repository's status that its forge has told of a change: whichever replica was told, the one that leads sees it there.</summary>
/// <remarks>One write of a repository at a time, and a pause after it, however many deliveries there are. One that fails is not tried again: the next
/// poll finds what the delivery told of.</remarks>
internal sealed partial class WebhookRelay(IApiTransport transport, Watches watches, TimeProvider time, FailureLog failures, ILogger<WebhookRelay> logger)
{
    /// <summary>Two counts a second are no burden to any forge, and nobody notices a quarter of a second on average.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly HashSet<NamespacedName> _told = [];
    private readonly HashSet<NamespacedName> _busy = [];

    /// <summary>Has it written. Never waits for the API server.</summary>
    /// <param name="repository">The repository.</param>
    public void Tell(NamespacedName repository)
    {
        lock (_gate)
        {
            _told.Add(repository);
            if (!_busy.Add(repository))
            {
                return;
            }
        }

        _ = WriteAsync(repository);
    }

    private async Task WriteAsync(NamespacedName repository)
    {
        while (TakeTold(repository))
        {
            await WriteOnceAsync(repository).ConfigureAwait(false);
            await Task.Delay(Pause, time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>False when there is nothing more to write: whoever tells next begins anew.</summary>
    private bool TakeTold(NamespacedName repository)
    {
        lock (_gate)
        {
            var isTold = _told.Remove(repository);
            if (!isTold)
            {
                _busy.Remove(repository);
            }

            return isTold;
        }
    }

    private async Task WriteOnceAsync(NamespacedName repository)
    {
        const string What = "tell of webhooks";
        try
        {
            var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
            watches.Repositories.Observe(await transport.MergePatchAsync(
                ResourcePaths.Repositories.Object(repository.Namespace, repository.Name, "status"),
                Encoding.UTF8.GetBytes($$$"""{"status":{"lastWebhookTime":"{{{now}}}"}}"""),
                KindsJson.Default.AgentRepository,
                CancellationToken.None).ConfigureAwait(false));
            failures.Clear(What);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // It is gone.
        }
        catch (ObjectDisposedException)
        {
            // The process ends.
        }
        catch (Exception e)
        {
            if (failures.IsDue(What, e.Message))
            {
                LogLost(repository, e.Message);
            }
        }
    }

    [LoggerMessage(EventId = 3621, Level = LogLevel.Warning, Message = "Repository {Repository}: what a webhook told of has to wait for the next poll: {Error}")]
    private partial void LogLost(NamespacedName repository, string error);
}
