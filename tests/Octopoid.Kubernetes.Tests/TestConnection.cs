using System.Diagnostics.Metrics;
using k8s;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests;

/// <summary>All that talks to one server in a test, on one clock, with chance from one seed.</summary>
internal sealed class TestConnection : IDisposable
{
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly MeterList _meters = new();

    public TestConnection(string server, TimeProvider time, int seed = 1)
        : this(new ApiServerConfiguration("the test", () => new KubernetesClientConfiguration { Host = server }), time, seed)
    {
    }

    public TestConnection(
        ApiServerConfiguration configuration, TimeProvider time, int seed = 1, ILoggerFactory? loggers = null, FailureLog? failures = null)
    {
        _time = time;
        _loggers = loggers ?? NullLoggerFactory.Instance;
        Jitter = new Jitter(new Random(seed));
        Failures = failures ?? new FailureLog(time);
        Connection = new ApiConnection(configuration, time, Failures, _loggers.CreateLogger<ApiConnection>());
    }

    public TimeProvider Time => _time;

    public ApiConnection Connection { get; }

    public Jitter Jitter { get; }

    public FailureLog Failures { get; }

    /// <summary>Where the instruments are made; each meter's scope.</summary>
    public IMeterFactory Meters => _meters;

    public string? Problem => Connection.Problem;

    public ApiTransport Transport(TimeSpan? requestTimeout = null) => new(Connection, _time, Jitter, new ApiMetrics(_meters))
    {
        RequestTimeout = requestTimeout ?? TimeSpan.FromSeconds(30),
    };

    public Informer<T> Informer<T>(WatchedResource<T> resource, TimeSpan? requestTimeout = null)
        where T : class =>
        new(Transport(requestTimeout), resource, _time, Jitter, Failures, _loggers.CreateLogger<Informer<T>>());

    public LeaderElector Elector(LeaderElectionOptions options, ILogger<LeaderElector>? logger = null) =>
        new(Connection, new ApiMetrics(_meters), options, _time, Jitter, Failures, logger ?? NullLogger<LeaderElector>.Instance);

    public void Dispose()
    {
        Connection.Dispose();
        _meters.Dispose();
    }

    /// <summary>Instruments that nobody listens to.</summary>
    private sealed class MeterList : IMeterFactory
    {
        private readonly List<Meter> _made = [];

        public Meter Create(MeterOptions options)
        {
            options.Scope = this;
            var meter = new Meter(options);
            _made.Add(meter);
            return meter;
        }

        public void Dispose() => _made.ForEach(meter => meter.Dispose());
    }
}
