using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Watching;

/// <summary>Keeps a store equal to what the API server has of one resource: a consistent list, then a watch from its version.</summary>
/// <remarks>
/// The handler is called in order, never twice at once, and must not block. Whatever goes wrong, the informer goes on: a
/// closed watch is opened again at once, an expired one begins with a new list, anything else waits with growing, jittered pauses.
/// </remarks>
/// <typeparam name="T">The object's type.</typeparam>
public sealed partial class Informer<T>
    where T : class
{
    /// <summary>500 objects a page, as kubectl and client-go ask for: a whole list of 100,000 would be one answer of 200 MB.</summary>
    private const int PageSize = 500;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(800);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>A watch that lived for less and brought nothing has failed, however politely it ended.</summary>
    private static readonly TimeSpan Healthy = TimeSpan.FromSeconds(1);

    /// <summary>Servers send a bookmark about once a minute; two missed and half a minute more mean a dead connection. Shorter would cut
    /// live watches of slow servers, longer would leave us deaf.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(150);

    private readonly ApiTransport _transport;
    private readonly WatchedResource<T> _resource;
    private readonly Action<IReadOnlyList<ObjectChange<T>>> _handler;
    private readonly TimeProvider _time;
    private readonly Jitter _jitter;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes an informer; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="transport">Where the requests go.</param>
    /// <param name="resource">What to watch.</param>
    /// <param name="handler">Told of every change.</param>
    /// <param name="time">The clock of pauses and watchdog.</param>
    /// <param name="jitter">Keeps informers apart.</param>
    /// <param name="logger">Where failures are told.</param>
    public Informer(
        ApiTransport transport,
        WatchedResource<T> resource,
        Action<IReadOnlyList<ObjectChange<T>>> handler,
        TimeProvider time,
        Jitter jitter,
        ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(resource);
        _transport = transport;
        _resource = resource;
        _handler = handler;
        _time = time;
        _jitter = jitter;
        _logger = logger;
        Store = new ObjectStore<T>(resource.Identify);
    }

    /// <summary>What is known.</summary>
    public ObjectStore<T> Store { get; }

    /// <summary>Completes when the first whole list has been handed to the handler.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Takes the answer of a write of our own as if the watch had brought it, so that nobody decides by a state that we know is past.</summary>
    /// <param name="written">The object as the server answered.</param>
    public void Observe(T written) => Change(store => store.Observe(written));

    /// <summary>Lists and watches until the token is cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        string? version = null;
        var backoff = new Backoff(FirstPause, LongestPause, _jitter, _time);
        while (!cancellationToken.IsCancellationRequested)
        {
            var started = _time.GetTimestamp();
            var hasNews = false;
            Exception? failure = null;
            try
            {
                version ??= await ListAsync(cancellationToken).ConfigureAwait(false);
                await foreach (var line in WatchAsync(version, cancellationToken).ConfigureAwait(false))
                {
                    Apply(line);
                    version = line.ResourceVersion ?? version;
                    hasNews = true;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException e) when (e.IsExpired)
            {
                LogExpired(_resource.Path);
                version = null;
            }
            catch (OperationCanceledException)
            {
                // The watchdog: no news is no failure, since old servers send no bookmarks for a resource that nobody changes.
                LogSilent(_resource.Path);
            }
            catch (Exception e) when (e is ApiException or HttpRequestException or IOException or TimeoutException or JsonException)
            {
                failure = e;
            }

            if (hasNews || _time.GetElapsedTime(started) > Healthy)
            {
                backoff.Reset();
            }

            // A stream that ends at once, or expires at once, is no better than a failure: without a pause we would spin.
            if (failure is not null || (!hasNews && _time.GetElapsedTime(started) < Healthy))
            {
                var pause = backoff.Draw((failure as ApiException)?.RetryAfter);
                LogFailed(_resource.Path, failure?.Message ?? "the server ends the watch at once.", pause.TotalSeconds);
                await PauseAsync(pause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<string> ListAsync(CancellationToken cancellationToken)
    {
        var all = new List<T>();
        string? next = null;
        while (true)
        {
            // No resourceVersion is asked for: the list is consistent, never from a lagging cache.
            var path = Query($"limit={PageSize}") + (next is null ? "" : "&continue=" + Uri.EscapeDataString(next));
            var page = await _transport.GetAsync(path, _resource.ListJson, cancellationToken).ConfigureAwait(false);
            all.AddRange(page.Items ?? []);
            next = page.Metadata?.Continue;
            if (string.IsNullOrEmpty(next))
            {
                var version = page.Metadata?.ResourceVersion ?? throw new HttpRequestException($"The list of {_resource.Path} has no version.");
                Change(store => store.Replace(all, version));
                _synced.TrySetResult();
                LogListed(_resource.Path, all.Count);
                return version;
            }
        }
    }

    private async IAsyncEnumerable<WatchEvent<T>> WatchAsync(
        string version, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The server ends the watch after this time; jitter keeps the informers of one process apart.
        var seconds = _jitter.Next(300, 600);
        var path = Query(string.Create(
            CultureInfo.InvariantCulture, $"watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={version}"));
        using var watchdog = new CancellationTokenSource(LongestSilence, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, watchdog.Token);
        using var response = await _transport.OpenAsync(path, linked.Token).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(linked.Token).ConfigureAwait(false);
        await foreach (var line in WatchStream.ReadAsync(body, _resource.Json, linked.Token).ConfigureAwait(false))
        {
            watchdog.CancelAfter(LongestSilence);
            yield return line;
        }
    }

    private void Apply(WatchEvent<T> line)
    {
        if (line.ResourceVersion is { } version)
        {
            // Before the change: what a write answers in between must not bring back what this line deletes.
            Change(store => store.Advance(version));
        }

        switch (line.Kind)
        {
            case WatchEventKind.Put when line.Object is { } current:
                Change(store => store.Put(current));
                break;
            case WatchEventKind.Deleted when line.Object is { } last:
                Change(store => store.Remove(last));
                break;
            case WatchEventKind.Unreadable:
                LogUnreadable(_resource.Path, line.ResourceVersion ?? "");
                break;
        }
    }

    private void Change(Func<ObjectStore<T>, IReadOnlyList<ObjectChange<T>>> change)
    {
        lock (_gate)
        {
            var changes = change(Store);
            if (changes.Count > 0)
            {
                _handler(changes);
            }
        }
    }

    private string Query(string query) => _resource.Path.Collection(_resource.Namespace) + "?" + query
        + (_resource.LabelSelector is { } labels ? "&labelSelector=" + Uri.EscapeDataString(labels) : "");

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop's condition ends it.
        }
    }

    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "Listed {Count} {Resource}.")]
    private partial void LogListed(ResourcePath resource, int count);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Debug, Message = "The watch of {Resource} has expired; listing again.")]
    private partial void LogExpired(ResourcePath resource);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Error, Message = "An object of {Resource} cannot be read and is passed over (version {Version}).")]
    private partial void LogUnreadable(ResourcePath resource, string version);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Debug, Message = "The watch of {Resource} is silent; opening it again.")]
    private partial void LogSilent(ResourcePath resource);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "Cannot watch {Resource}: {Error} Trying again in {PauseSeconds:0.0} s.")]
    private partial void LogFailed(ResourcePath resource, string error, double pauseSeconds);
}
