using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using k8s;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Authenticated requests to one API server, over KubernetesClient's own pooled HTTP/2 connections and credentials.</summary>
/// <remarks>
/// The client library's typed calls read bodies synchronously, so a stalled body ignores time-out and cancellation (DESIGN §5).
/// Here every body is read asynchronously under the request's own deadline. Safe for use by several threads at once.
/// </remarks>
public sealed class ApiTransport : IDisposable
{
    private readonly k8s.Kubernetes _client;
    private readonly TimeProvider _time;

    /// <summary>Makes a transport; sends nothing yet.</summary>
    /// <param name="configuration">Server address and credentials, from a kubeconfig file or the pod's service account.</param>
    /// <param name="time">The clock of the requests' deadlines.</param>
    public ApiTransport(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(configuration);

        // A watch lives longer than any deadline; each other request carries its own.
        configuration.HttpClientTimeout = Timeout.InfiniteTimeSpan;
        _client = new k8s.Kubernetes(configuration);
        _time = time;
    }

    /// <summary>How long a request may take from its start to the last byte of its answer. 30 s: well over the API server's own
    /// latency goals, so that only a broken connection meets it; a shorter one would turn a slow list into an endless retry.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads one object or list.</summary>
    /// <param name="path">The path with its query, relative to the server's address.</param>
    /// <param name="json">How to read the answer.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    /// <exception cref="TimeoutException">No whole answer came in <see cref="RequestTimeout"/>.</exception>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, path, null, json, cancellationToken);

    /// <summary>Creates an object.</summary>
    /// <param name="path">The collection's path.</param>
    /// <param name="body">The object as UTF-8 JSON.</param>
    /// <param name="json">How to read the answer, the object as stored.</param>
    /// <param name="cancellationToken">Abandons the request; whether it took effect is then unknown.</param>
    /// <inheritdoc cref="GetAsync"/>
    public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, path, Content(body, "application/json"), json, cancellationToken);

    /// <summary>Changes an object by a JSON merge patch (RFC 7396).</summary>
    /// <param name="path">The object's path.</param>
    /// <param name="patch">The patch as UTF-8 JSON. With <c>metadata.resourceVersion</c> in it, the server refuses it (409) if the object has
    /// changed since; <c>metadata.uid</c> is no such guard.</param>
    /// <param name="json">How to read the answer, the object as stored.</param>
    /// <param name="cancellationToken">Abandons the request; whether it took effect is then unknown.</param>
    /// <inheritdoc cref="GetAsync"/>
    public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Patch, path, Content(patch, "application/merge-patch+json"), json, cancellationToken);

    /// <summary>Opens a stream that stays open: a watch. Returns when the answer's headers have come.</summary>
    /// <param name="path">The path with its query.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    /// <returns>The answer; the caller disposes it.</returns>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await SendHeadersAsync(HttpMethod.Get, path, null, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer(HttpMethod.Get, path);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async Task<T> SendAsync<T>(
        HttpMethod method, string path, HttpContent? content, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await SendHeadersAsync(method, path, content, linked.Token).ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(linked.Token).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, json, linked.Token).ConfigureAwait(false)
                ?? throw new HttpRequestException($"{method} {path}: the answer was empty.");
        }
        catch (JsonException e)
        {
            // A cut body, or a proxy's page in place of the server's answer: as good as no answer.
            throw new HttpRequestException($"{method} {path}: the answer is not the JSON expected: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"{method} {path}: the connection broke: {e.Message}", e);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw NoAnswer(method, path);
        }
    }

    private async Task<HttpResponseMessage> SendHeadersAsync(
        HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(_client.BaseUri, path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = content,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (_client.Credentials is { } credentials)
        {
            try
            {
                await credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Plugins and token files fail in many ways; each is a request that was not sent.
                throw new HttpRequestException($"{method} {path}: no credentials: {e.Message}", e);
            }
        }

        var response = await _client.HttpClient
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await FailureAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<ApiException> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
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

        var retryAfter = response.Headers.RetryAfter?.Delta
            ?? (status?.Details?.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
        var message = status?.Message ?? $"HTTP {(int)response.StatusCode} {response.ReasonPhrase}";
        return new ApiException(response.StatusCode, status?.Reason ?? "", message, retryAfter);
    }

    private static ByteArrayContent Content(ReadOnlyMemory<byte> body, string mediaType)
    {
        var content = new ByteArrayContent(body.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return content;
    }

    private TimeoutException NoAnswer(HttpMethod method, string path) =>
        new($"{method} {path}: no whole answer within {RequestTimeout.TotalSeconds:0} s.");
}
