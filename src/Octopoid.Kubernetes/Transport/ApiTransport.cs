using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Authenticated requests to one API server: under a deadline, with typed errors, measured; reads are tried again.</summary>
/// <remarks>
/// The client library's typed calls read bodies synchronously, so a stalled body ignores time-out and cancellation (DESIGN §5).
/// Here every body is read asynchronously under the request's own deadline. Safe for use by several threads at once.
/// </remarks>
/// <param name="connection">Where the requests go. Requests that must not wait for any other, such as a lease's, go by one of their own.</param>
/// <param name="time">The clock of the requests' deadlines.</param>
/// <param name="jitter">Keeps the tries of many apart.</param>
/// <param name="metrics">What counts them.</param>
public sealed class ApiTransport(ApiConnection connection, TimeProvider time, Jitter jitter, ApiMetrics metrics) : IApiTransport
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>How long a request may take from its start to the last byte of its answer. 30 s: well over the API server's own
    /// latency goals, so that only a broken connection meets it; a shorter one would turn a slow list into an endless retry.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a read is tried again that got no answer, or one that says to ask again (429, 5xx): at most to the end of this time after its
    /// start, with growing pauses, never sooner than the server asks for. 5 s: a restart of the API server is bridged, and whoever asks
    /// still learns of an outage soon. Writes are not tried again here: only their sender can tell whether they took effect.</summary>
    public TimeSpan RetryTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        var backoff = new Backoff(FirstPause, LongestPause, jitter, time);
        while (true)
        {
            try
            {
                return await SendAsync(HttpMethod.Get, path, null, json, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (ApiException.IsTransient(e))
            {
                var pause = backoff.Draw((e as ApiException)?.RetryAfter);
                if (time.GetElapsedTime(start) + pause >= RetryTimeout)
                {
                    throw;
                }

                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, Content(body, "application/json"), json, cancellationToken);

    /// <inheritdoc/>
    public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, Content(patch, "application/merge-patch+json"), json, cancellationToken);

    /// <inheritdoc/>
    public Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Delete, path, Content(options, "application/json"), TransportJson.Default.JsonElement, cancellationToken);

    /// <inheritdoc/>
    public IApiTransport WithTimeout(TimeSpan requestTimeout) => new ApiTransport(connection, time, jitter, metrics)
    {
        RequestTimeout = requestTimeout,
        RetryTimeout = RetryTimeout,
    };

    /// <summary>Opens a stream that stays open: a watch. Returns when the answer's headers have come.</summary>
    /// <param name="path">The path with its query.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    /// <returns>The answer; the caller disposes it.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken) =>
        ObserveAsync(
            HttpMethod.Get,
            path,
            async token =>
            {
                var response = await SendHeadersAsync(HttpMethod.Get, path, null, token).ConfigureAwait(false);
                return (response, response.StatusCode);
            },
            cancellationToken);

    private Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        ObserveAsync(
            method,
            path,
            async token =>
            {
                using var response = await SendHeadersAsync(method, path, content, token).ConfigureAwait(false);
                var body = await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false);
                var answer = await JsonSerializer.DeserializeAsync(body, json, token).ConfigureAwait(false);
                return (answer ?? throw new HttpRequestException($"{method} {path}: the answer was empty."), response.StatusCode);
            },
            cancellationToken);

    /// <summary>Runs one request under its deadline, gives its failures their types, and tells connection and metrics of its end.</summary>
    private async Task<T> ObserveAsync<T>(
        HttpMethod method, string path, Func<CancellationToken, Task<(T Answer, HttpStatusCode Code)>> send, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(RequestTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        var start = time.GetTimestamp();
        try
        {
            var (answer, code) = await send(linked.Token).ConfigureAwait(false);
            metrics.Record(method, path, (int)code, time.GetElapsedTime(start));
            connection.ReportAnswer();
            return answer;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = Typed(e, method, path);
            metrics.Record(method, path, (int)((failure as ApiException)?.Code ?? 0), time.GetElapsedTime(start));
            connection.ReportFailure(failure);
            if (failure == e)
            {
                throw;
            }

            throw failure;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Abandoned, a request may fail in any way; whoever has abandoned it waits for this one.
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    /// <summary>What a caller is to be thrown for it.</summary>
    internal Exception Typed(Exception e, HttpMethod method, string path) => e switch
    {
        // A cut body, or a proxy's page in place of the server's answer: as good as no answer.
        JsonException => new HttpRequestException($"{method} {path}: the answer is not the JSON expected: {e.Message}", e),
        IOException => new HttpRequestException($"{method} {path}: the connection broke: {e.Message}", e),

        // .NET's pool asks a new socket whom it is connected to, and lets this through when the peer has reset it in that moment.
        SocketException => new HttpRequestException($"{method} {path}: the connection broke as it was made: {e.Message}", e),
        ObjectDisposedException => new HttpRequestException($"{method} {path}: the connection was made anew meanwhile.", e),
        OperationCanceledException => new TimeoutException($"{method} {path}: no whole answer within {RequestTimeout.TotalSeconds:0.#} s.", e),
        _ => e,
    };

    private async Task<HttpResponseMessage> SendHeadersAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        var client = await connection.ClientAsync(cancellationToken).ConfigureAwait(false);
        using var request = new HttpRequestMessage(method, new Uri(client.Server, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = content,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (client.Credentials is { } credentials)
        {
            try
            {
                // A plugin that hangs heeds no token. Left alone, it ends when it will; how, nobody wants to know.
                var ready = credentials.ProcessHttpRequestAsync(request, cancellationToken);
                _ = ready.ContinueWith(
                    static abandoned => abandoned.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                await ready.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Plugins and token files fail in many ways; each is a request that was not sent.
                throw new HttpRequestException($"{method} {path}: no credentials: {e.Message}", e);
            }
        }

        var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await FailureAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ApiException> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        ApiStatus? status = null;
        try
        {
            status = JsonSerializer.Deserialize(text, TransportJson.Default.ApiStatus);
        }
        catch (JsonException)
        {
            // Proxies answer with pages of their own; the code must do.
        }

        var message = status?.Message ?? $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}";
        return new ApiException(response.StatusCode, status?.Reason ?? "", message, RetryAfter(response, status));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response, ApiStatus? status) =>
        response.Headers.RetryAfter?.Delta
        ?? response.Headers.RetryAfter?.Date - time.GetUtcNow()
        ?? (status?.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);

    private static ByteArrayContent Content(ReadOnlyMemory<byte> body, string mediaType)
    {
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }
}
