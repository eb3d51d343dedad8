using System.Net;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Writing;

/// <summary>
/// Writes the status of objects where it differs from what the API server has, one write of an object at a time. For callers that compare
/// again and again: what a write did not bring about, the next comparison finds missing.
/// </summary>
/// <remarks>Safe for use by several threads at once.</remarks>
/// <param name="transport">Where the writes go.</param>
/// <param name="time">The clock of the pauses after failures.</param>
/// <param name="failures">Keeps the log from repeating itself.</param>
/// <param name="logger">Where failures are told.</param>
public sealed partial class StatusWriter(IApiTransport transport, TimeProvider time, FailureLog failures, ILogger<StatusWriter> logger)
{
    /// <summary>After a failure, wait: the status is the least of an ailing API server's worries.</summary>
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(10);

    /// <summary>A server that wants to be left alone for longer is asked once in between: it may have been mended.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly HashSet<string> _busy = [];

    /// <summary>Begins to write a status, unless it is so already, or the object's last write is still under way or has just failed. Never
    /// waits for the API server.</summary>
    /// <typeparam name="T">The object's type.</typeparam>
    /// <param name="path">The path of the object's status.</param>
    /// <param name="resourceVersion">The object's version that <paramref name="before"/> is of; of any other, the server refuses the write.</param>
    /// <param name="before">The status as it is; null when there is none.</param>
    /// <param name="after">The status as it should be. What it lacks is removed.</param>
    /// <param name="json">How to read the object.</param>
    /// <param name="observe">Is given the object as written, on any thread.</param>
    /// <returns>True when the status is as it should be; false when the caller is to compare again later.</returns>
    public bool Write<T>(
        string path, string resourceVersion, JsonObject? before, JsonObject after, JsonTypeInfo<T> json, Action<T> observe)
    {
        if (MergePatch.Between(before, after) is not { } patch)
        {
            return true;
        }

        lock (_gate)
        {
            if (!_busy.Add(path))
            {
                return false;
            }
        }

        _ = SendAsync(path, MergePatch.StatusBody(resourceVersion, patch), json, observe);
        return false;
    }

    private async Task SendAsync<T>(string path, byte[] body, JsonTypeInfo<T> json, Action<T> observe)
    {
        try
        {
            // Nobody's token: a status under way when the process ends may as well land.
            observe(await transport.MergePatchAsync(path, body, json, CancellationToken.None).ConfigureAwait(false));
        }
        catch (ApiException e) when (e.IsConflict || e.IsNotFound)
        {
            // It has changed, or is gone: the watch will tell, and the next comparison goes by that.
        }
        catch (ObjectDisposedException)
        {
            // The process ends.
        }
        catch (Exception e)
        {
            // Whatever it is, it must not keep this object's status from being written for good.
            Tell(path, e);
            var asked = (e as ApiException)?.RetryAfter ?? TimeSpan.Zero;
            var pause = asked > LongestRetryAfter ? LongestRetryAfter : asked > AfterFailure ? asked : AfterFailure;
            await Task.Delay(pause, time, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate)
            {
                _busy.Remove(path);
            }
        }
    }

    private void Tell(string path, Exception failure)
    {
        if (failure is HttpRequestException or TimeoutException or NotLeaderException or ApiException { Code: HttpStatusCode.Unauthorized })
        {
            // Whoever cannot be reached is told of by the connection, once for all, and a lead in doubt by the elector.
            return;
        }

        // By resource and kind of failure, not by object: one that ails all of them is one line.
        var kind = failure is ApiException e ? $"{(int)e.Code}" : failure.GetType().Name;
        var (_, resource) = ApiMetrics.Describe(HttpMethod.Patch, path);
        if (failures.IsDue($"write {resource} {kind}", ""))
        {
            LogFailed(path, failure.Message);
        }
    }

    [LoggerMessage(EventId = 1311, Level = LogLevel.Warning, Message = "Cannot write the status at {Path} yet: {Error}")]
    private partial void LogFailed(string path, string error);
}
