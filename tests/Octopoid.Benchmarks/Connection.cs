using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Benchmarks;

/// <summary>All of ours that talks to one server.</summary>
internal sealed class Connection : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FailureLog _failures = new(TimeProvider.System);
    private readonly Jitter _jitter = new(new Random(1));
    private readonly ApiConnection _connection;
    private readonly ApiTransport _transport;

    public Connection(ApiServerConfiguration configuration)
    {
        _connection = new ApiConnection(configuration, TimeProvider.System, _failures, NullLogger<ApiConnection>.Instance);
        _transport = new ApiTransport(
            _connection, TimeProvider.System, _jitter, new ApiMetrics(_services.GetRequiredService<IMeterFactory>()));
    }

    /// <summary>What requests are sent by.</summary>
    public ApiTransport Transport => _transport;

    public Informer<T> Informer<T>(WatchedResource<T> resource)
        where T : class =>
        new(_transport, resource, TimeProvider.System, _jitter, _failures, NullLogger<Informer<T>>.Instance);

    public Reflector<T> Reflector<T>(WatchedResource<T> resource, IReflectorSink<T> sink)
        where T : class =>
        new(_transport, resource, sink, TimeProvider.System, _jitter, _failures, NullLogger.Instance);

    public void Dispose()
    {
        _connection.Dispose();
        _services.Dispose();
    }
}
