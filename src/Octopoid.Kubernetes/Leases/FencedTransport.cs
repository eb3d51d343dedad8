using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Leases;

/// <summary>Requests of a leader: a write is sent only while it can be over before anybody else may lead.</summary>
/// <remarks>
/// The server is told to give a write up after <see cref="Leadership.WriteTimeout"/>, which is less than what the others still leave to a holder that
/// has lost the lead; we await it for a third longer, so that what we give up, the server has given up before,
/// unless it took long to reach it. Each write is preceded by
/// a look at the monotonic clock: leadership must be certain for as long as we may have to await it. Once it has left it is awaited even
/// when its sender is told to stop: whoever gives up the lead must have nothing under way. What remains is a process, or a network, that is held up between this look and the server: see <c>docs/guarantees.md</c>.
/// </remarks>
public sealed class FencedTransport : IApiTransport
{
    private readonly IApiTransport _reads;
    private readonly IApiTransport _writes;
    private readonly Leadership _leadership;
    private readonly TimeSpan _patience;
    private readonly string _timeoutQuery;

    /// <summary>Makes one for a term.</summary>
    /// <param name="transport">Where the requests go.</param>
    /// <param name="leadership">The term.</param>
    public FencedTransport(IApiTransport transport, Leadership leadership)
    {
        ArgumentNullException.ThrowIfNull(transport);
        ArgumentNullException.ThrowIfNull(leadership);
        _reads = transport;
        _patience = leadership.WriteTimeout * 4 / 3;
        _writes = transport.WithTimeout(_patience);
        _leadership = leadership;
        _timeoutQuery = string.Create(CultureInfo.InvariantCulture, $"?timeout={(int)leadership.WriteTimeout.TotalMilliseconds}ms");
    }

    /// <inheritdoc/>
    public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
        _reads.GetAsync(path, json, cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="NotLeaderException">Nothing was sent.</exception>
    public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        ThrowUnlessCertain(path, cancellationToken);
        return _writes.PostAsync(path + _timeoutQuery, body, json, CancellationToken.None);
    }

    /// <inheritdoc/>
    /// <exception cref="NotLeaderException">Nothing was sent.</exception>
    public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken)
    {
        ThrowUnlessCertain(path, cancellationToken);
        return _writes.MergePatchAsync(path + _timeoutQuery, patch, json, CancellationToken.None);
    }

    /// <inheritdoc/>
    /// <exception cref="NotLeaderException">Nothing was sent.</exception>
    public Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken)
    {
        ThrowUnlessCertain(path, cancellationToken);
        return _writes.DeleteAsync(path + _timeoutQuery, options, CancellationToken.None);
    }

    /// <summary>Reads get the deadline; that of writes follows from the Lease.</summary>
    /// <inheritdoc/>
    public IApiTransport WithTimeout(TimeSpan requestTimeout) => new FencedTransport(_reads.WithTimeout(requestTimeout), _leadership);

    private void ThrowUnlessCertain(string path, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_leadership.Slack < _patience)
        {
            throw new NotLeaderException($"{path} is not written: the Lease was not renewed in time.");
        }
    }
}
