using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Watching;

/// <summary>Follows one resource: a consistent list, then a watch from its version, for ever.</summary>
/// <remarks>
/// A watch that ends cleanly is opened again at once. One that has expired, or whose versions went backwards, begins with a new list.
/// Anything else is tried again after growing, jittered pauses.
/// </remarks>
/// <typeparam name="T">The object's type.</typeparam>
/// <param name="transport">Where the requests go.</param>
/// <param name="resource">What to follow.</param>
/// <param name="sink">Takes what is read; called by one thread at a time.</param>
/// <param name="time">The clock of pauses and watchdog.</param>
/// <param name="jitter">Keeps reflectors apart.</param>
/// <param name="failures">Keeps the log from repeating itself.</param>
/// <param name="logger">Where failures are told.</param>
internal sealed partial class Reflector<T>(
    ApiTransport transport,
    WatchedResource<T> resource,
    IReflectorSink<T> sink,
    TimeProvider time,
    Jitter jitter,
    FailureLog failures,
    ILogger logger)
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

    private readonly Lock _gate = new();
    private readonly string _what = $"watch {resource.Name}";
    private bool _hasTold;
    private TaskCompletionSource? _wantedList;
    private CancellationTokenSource? _wait;
    private string? _version;
    private long? _opened;
    private long _heard;

    /// <summary>What fails at present, a sentence; null when nothing does.</summary>
    public string? Failure { get; private set; }

    /// <summary>How long ago the server last said anything; null before the first time.</summary>
    public TimeSpan? Silence => Volatile.Read(ref _heard) is not 0 and var heard ? time.GetElapsedTime(heard) : null;

    /// <summary>Asks for a new list, begun after this call; completes when the sink has taken it.</summary>
    public Task RelistAsync()
    {
        lock (_gate)
        {
            // A list that is under way is not for this wish, but let be: wishes that come faster than lists would starve each other.
            _wantedList ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = _wait?.CancelAsync();
            return _wantedList.Task;
        }
    }

    /// <summary>Lists and watches until the token is cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstPause, LongestPause, jitter, time);
        while (!cancellationToken.IsCancellationRequested)
        {
            var (hasNews, failure) = await FollowAsync(cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            var isHealthy = hasNews || (_opened is { } opened && time.GetElapsedTime(opened) >= Healthy);
            if (isHealthy)
            {
                backoff.Reset();
            }

            // A stream that ends at once is no better than a failure: without a pause we would spin. A list that is needed is made at once.
            if (failure is not null || (!isHealthy && _wantedList is null && _version is not null))
            {
                await PauseAsync(backoff.Draw((failure as ApiException)?.RetryAfter), failure, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One list, if it is needed, and one watch.</summary>
    /// <returns>Whether anything was heard, and what ended it, if that is a failure.</returns>
    private async Task<(bool HasNews, Exception? Failure)> FollowAsync(CancellationToken cancellationToken)
    {
        var (hasNews, hasListed) = (false, false);
        _opened = null;
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var watchdog = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(watch.Token, watchdog.Token);
        try
        {
            TaskCompletionSource? wanted;
            lock (_gate)
            {
                (wanted, _wantedList) = (_wantedList, null);
            }

            if (_version is null || wanted is not null)
            {
                await ListAsync(wanted, cancellationToken).ConfigureAwait(false);
                hasListed = true;
            }

            lock (_gate)
            {
                if (_wantedList is not null)
                {
                    return (hasNews, null);
                }

                _wait = watch;
            }

            watchdog.CancelAfter(LongestSilence);
            await foreach (var line in WatchAsync(either.Token).ConfigureAwait(false))
            {
                watchdog.CancelAfter(LongestSilence);
                Take(line);
                hasNews = true;
                Succeed();
            }

            return (hasNews, null);
        }
        catch (OperationCanceledException)
            when (cancellationToken.IsCancellationRequested || watch.IsCancellationRequested || watchdog.IsCancellationRequested)
        {
            // Each is asked, for what is linked to it is cancelled after it, and maybe after we get here.
            if (watchdog.IsCancellationRequested)
            {
                // A server that was restored from a backup says nothing to a watch from a version that it has not come to yet: only a list
                // tells. It is no failure: old servers send no bookmarks for a resource that nobody changes.
                LogSilent(resource.Name);
                _version = null;
            }

            return (hasNews, null);
        }
        catch (ApiException e) when (e.IsExpired && _version is not null)
        {
            LogExpired(resource.Name);
            _version = null;

            // What kept us away may have lasted for longer than versions are kept; but one that was listed a moment ago is not to expire.
            return (hasNews, hasListed && !hasNews ? e : null);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or IOException or TimeoutException or JsonException)
        {
            return (hasNews, e);
        }
        finally
        {
            lock (_gate)
            {
                _wait = null;
            }
        }
    }

    private async Task ListAsync(TaskCompletionSource? wanted, CancellationToken cancellationToken)
    {
        _version = null;
        var known = sink.Newest;
        try
        {
            var (all, version) = await ListPagesAsync(cancellationToken).ConfigureAwait(false);
            sink.Replace(all, version, known);
            _version = version;
            wanted?.TrySetResult();
            LogListed(resource.Name, all.Count);
            Succeed();
        }
        finally
        {
            if (_version is null)
            {
                KeepWanted(wanted);
            }
        }
    }

    private async Task<(List<T> Objects, string Version)> ListPagesAsync(CancellationToken cancellationToken)
    {
        var all = new List<T>();
        string? next = null;
        var limit = PageSize;
        while (true)
        {
            // No resourceVersion is asked for: the list is consistent, never from a lagging cache.
            var path = Query($"limit={limit}") + (next is null ? "" : "&continue=" + Uri.EscapeDataString(next));
            try
            {
                var page = await transport.GetAsync(path, resource.ListJson, cancellationToken).ConfigureAwait(false);
                all.AddRange(page.Items ?? []);
                next = page.Metadata?.Continue;
                if (string.IsNullOrEmpty(next))
                {
                    return (all, page.Metadata?.ResourceVersion ?? throw new HttpRequestException($"The list of {resource.Name} has no version."));
                }
            }
            catch (ApiException e) when (e.IsExpired && next is not null)
            {
                // The server forgets versions faster than we turn pages: all at once, then.
                (next, limit) = (null, 0);
                all.Clear();
            }
        }
    }

    /// <summary>A list that was wanted and did not come is still wanted, also by those who have asked since.</summary>
    private void KeepWanted(TaskCompletionSource? wanted)
    {
        lock (_gate)
        {
            if (wanted is not null && _wantedList is { } later)
            {
                later.Task.ContinueWith(_ => wanted.TrySetResult(), TaskScheduler.Default);
            }
            else if (wanted is not null)
            {
                _wantedList = wanted;
            }
        }
    }

    private async IAsyncEnumerable<WatchEvent<T>> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The server ends the watch after this time; jitter keeps the reflectors of one process apart.
        var seconds = jitter.Next(300, 600);
        var path = Query(string.Create(
            CultureInfo.InvariantCulture, $"watch=true&allowWatchBookmarks=true&timeoutSeconds={seconds}&resourceVersion={_version}"));
        using var response = await transport.OpenAsync(path, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        _opened = time.GetTimestamp();
        Failure = null;
        await foreach (var line in WatchStream.ReadAsync(body, resource, cancellationToken).ConfigureAwait(false))
        {
            yield return line;
        }
    }

    private void Take(WatchEvent<T> line)
    {
        if (line.ResourceVersion is { } version && _version is { } known && ResourceVersions.IsOlder(version, known))
        {
            if (line.Kind == WatchEventKind.Bookmark)
            {
                return;
            }

            // Servers count upwards. One that does not has lost what we have seen: only a list tells what is.
            _version = null;
            throw new HttpRequestException($"The watch of {resource.Name} went back from version {known} to {version}.");
        }

        if (line.Kind == WatchEventKind.Unreadable)
        {
            LogUnreadable(resource.Name, line.ResourceVersion ?? "");
        }

        sink.Apply(line);
        _version = line.ResourceVersion ?? _version;
    }

    private async Task PauseAsync(TimeSpan pause, Exception? failure, CancellationToken cancellationToken)
    {
        Failure = failure is null ? "the server ends the watch at once" : Describe(failure);

        // Whoever cannot be reached is told of by the connection, once for all.
        if ((failure is null || !ApiConnection.IsCause(failure)) && failures.IsDue(_what, Failure))
        {
            _hasTold = true;
            LogFailed(resource.Name, Failure);
        }

        LogPause(resource.Name, Failure, pause.TotalSeconds);
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        lock (_gate)
        {
            // A wish that was there before the failure has had its try. A new one ends the pause: whoever begins to lead waits for it.
            _wait = wait;
        }

        await Task.Delay(pause, time, wait.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _wait = null;
        }
    }

    private void Succeed()
    {
        Volatile.Write(ref _heard, time.GetTimestamp());
        Failure = null;
        if (_hasTold && failures.Clear(_what))
        {
            LogRecovered(resource.Name);
        }

        _hasTold = false;
    }

    private string Describe(Exception failure) => failure switch
    {
        ApiException { IsNotFound: true } =>
            $"the API server does not serve {resource.Path} in version {resource.Path.Version}: install its CustomResourceDefinition",
        ApiException { Code: HttpStatusCode.Forbidden } e => $"{e.Message}: grant list and watch",
        _ => failure.Message,
    };

    private string Query(string query) => resource.Path.Collection(resource.Namespace) + "?" + query
        + (resource.LabelSelector is { } labels ? "&labelSelector=" + Uri.EscapeDataString(labels) : "");

    [LoggerMessage(EventId = 1001, Level = LogLevel.Debug, Message = "Listed {Count} {Resource}.")]
    private partial void LogListed(string resource, int count);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Debug, Message = "The watch of {Resource} has expired; listing again.")]
    private partial void LogExpired(string resource);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Warning, Message = "Cannot watch {Resource}: {Error}.")]
    private partial void LogFailed(string resource, string error);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Debug, Message = "The watch of {Resource} is silent; listing again.")]
    private partial void LogSilent(string resource);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Error, Message = "An object of {Resource} cannot be read and is passed over (version {Version}).")]
    private partial void LogUnreadable(string resource, string version);

    [LoggerMessage(EventId = 1006, Level = LogLevel.Information, Message = "Watching {Resource} again.")]
    private partial void LogRecovered(string resource);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Debug, Message = "Following {Resource} failed ({Error}); trying again in {PauseSeconds:0.0} s.")]
    private partial void LogPause(string resource, string error, double pauseSeconds);
}
