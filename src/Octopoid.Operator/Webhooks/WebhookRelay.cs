using System.Globalization;
using System.Text;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Webhooks;

/// <summary>Writes into a repository's status that its forge has told of a change: whichever replica was told, the one that leads sees it there.</summary>
/// <remarks>One write of a repository at a time, and a pause after it, however many deliveries there are. One that fails is tried again, more and more seldom; should the
/// process end meanwhile, the next poll finds what the delivery told of.</remarks>
internal sealed partial class WebhookRelay(IApiTransport transport, Watches watches, TimeProvider time, Jitter jitter, FailureLog failures, ILogger<WebhookRelay> logger)
{
    /// <summary>Two counts a second are no burden to any forge, and nobody notices a quarter of a second on average.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<NamespacedName> _told = [];
    private readonly HashSet<NamespacedName> _busy = [];

    /// <summary>Has it written. Never waits for the API server.</summary>
    /// <param name="repository">The repository.</param>
    public void Tell(NamespacedName repository)
    {
        if (AddTold(repository))
        {
            _ = WriteAsync(repository);
        }
    }

    private async Task WriteAsync(NamespacedName repository)
    {
        var backoff = new Backoff(FirstPause, LongestPause, jitter, time);
        while (TakeTold(repository))
        {
            if (await WriteOnceAsync(repository).ConfigureAwait(false) is { } failure)
            {
                AddTold(repository);
                await backoff.PauseAsync(failure, CancellationToken.None).ConfigureAwait(false);
            }
            else
            {
                backoff.Reset();
                await Task.Delay(Pause, time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>True when nobody writes it yet.</summary>
    private bool AddTold(NamespacedName repository)
    {
        lock (_gate)
        {
            _told.Add(repository);
            return _busy.Add(repository);
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

    /// <returns>What kept it from being written, where another try may help.</returns>
    private async Task<Exception?> WriteOnceAsync(NamespacedName repository)
    {
        var what = $"tell of webhooks in {repository.Namespace}";
        try
        {
            var now = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
            watches.Repositories.Observe(await transport.MergePatchAsync(
                ResourcePaths.Repositories.Object(repository.Namespace, repository.Name, "status"),
                Encoding.UTF8.GetBytes($$$"""{"status":{"lastWebhookTime":"{{{now}}}"}}"""),
                KindsJson.Default.AgentRepository,
                CancellationToken.None).ConfigureAwait(false));
            failures.Clear(what);
            return null;
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // It is gone.
            return null;
        }
        catch (ObjectDisposedException)
        {
            // The process ends.
            return null;
        }
        catch (Exception e)
        {
            if (failures.IsDue(what, e.Message))
            {
                LogWaits(repository, e.Message);
            }

            return e;
        }
    }

    [LoggerMessage(EventId = 3621, Level = LogLevel.Warning, Message = "Repository {Repository}: what a webhook has told of cannot be written yet: {Error}")]
    private partial void LogWaits(NamespacedName repository, string error);
}
