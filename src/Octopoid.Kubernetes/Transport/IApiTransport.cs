using System.Text.Json.Serialization.Metadata;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Requests to the API server, each answered by one object or list.</summary>
public interface IApiTransport
{
    /// <summary>Reads one object or list.</summary>
    /// <param name="path">The path with its query, relative to the server's address.</param>
    /// <param name="json">How to read the answer.</param>
    /// <param name="cancellationToken">Abandons the request.</param>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    /// <exception cref="TimeoutException">No whole answer came in time.</exception>
    Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken);

    /// <summary>Creates an object.</summary>
    /// <param name="path">The collection's path.</param>
    /// <param name="body">The object as UTF-8 JSON.</param>
    /// <param name="json">How to read the answer, the object as stored.</param>
    /// <param name="cancellationToken">Abandons the request; whether it took effect is then unknown.</param>
    /// <inheritdoc cref="GetAsync"/>
    Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken);

    /// <summary>Changes an object by a JSON merge patch (RFC 7396).</summary>
    /// <param name="path">The object's path.</param>
    /// <param name="patch">The patch as UTF-8 JSON. With <c>metadata.resourceVersion</c> in it, the server refuses it (409) if the object has
    /// changed since; <c>metadata.uid</c> is no such guard.</param>
    /// <param name="json">How to read the answer, the object as stored.</param>
    /// <param name="cancellationToken">Abandons the request; whether it took effect is then unknown.</param>
    /// <inheritdoc cref="GetAsync"/>
    Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken);

    /// <summary>Asks for the deletion of an object.</summary>
    /// <param name="path">The object's path.</param>
    /// <param name="options">The <c>DeleteOptions</c> as UTF-8 JSON.</param>
    /// <param name="cancellationToken">Abandons the request; whether it took effect is then unknown.</param>
    /// <inheritdoc cref="GetAsync"/>
    Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken);

    /// <summary>The same, with another deadline for each request.</summary>
    /// <param name="requestTimeout">How long a request may take from its start to the last byte of its answer.</param>
    IApiTransport WithTimeout(TimeSpan requestTimeout);
}
