using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Kubernetes.Events;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Status;
using Octopoid.Operator.Watch;

namespace Octopoid.Simulation.Tests.Processes;

/// <summary>Parts that the real ones ask for and never use here: they have no server, and nothing runs them.</summary>
internal static class Unused
{
    private static readonly Jitter Jitter = new(new Random(1));
    private static readonly FailureLog Failures = new(TimeProvider.System);
    private static readonly OneMeter Meters = new();

    private static readonly ApiConnection Connection = new(
        new ApiServerConfiguration("nothing", () => throw new InvalidOperationException("Nothing is sent from here.")),
        TimeProvider.System,
        Failures,
        NullLogger<ApiConnection>.Instance);

    private static readonly ApiMetrics Metrics = new(Meters);
    private static readonly ApiTransport Transport = new(Connection, TimeProvider.System, Jitter, Metrics);

    private static readonly EventRecorder Recorder = new(
        Transport, "octopoid.dev/operator", "simulated", TimeProvider.System, Jitter, Failures, Meters, NullLogger<EventRecorder>.Instance);

    private static readonly LeaderElector Elector = new(
        Connection,
        Metrics,
        new LeaderElectionOptions { Namespace = "none", Name = "none", Identity = "none" },
        TimeProvider.System,
        Jitter,
        Failures,
        NullLogger<LeaderElector>.Instance);

    /// <summary>Takes what is published; nothing of it is sent.</summary>
    public static TaskEvents Events { get; } = new(Recorder);

    public static BlueprintEvents Blueprints { get; } = new(Recorder, NullLogger<BlueprintEvents>.Instance);

    public static GateReporter Gates { get; } = new(Recorder, Meters, TimeProvider.System, NullLogger<GateReporter>.Instance);

    public static PoolMetrics Pool { get; } = new(Meters);

    public static AttemptMetrics Attempts(TimeProvider time) => new(Meters, time);

    public static DriftReporter Drift(Action<string> told) => new(Recorder, Meters, new Told<DriftReporter>(told));

    public static ILogger<T> Log<T>() => NullLogger<T>.Instance;

    public static Watches Watches(TimeProvider time, Jitter jitter, FailureLog failures) =>
        new(Transport, Elector, new OperatorOptions(), time, jitter, failures, NullLoggerFactory.Instance);

    private sealed class Told<T>(Action<string> told) : ILogger<T>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            told(formatter(state, exception));
    }

    private sealed class OneMeter : IMeterFactory
    {
        private readonly Meter _meter = new("unused");

        public Meter Create(MeterOptions options) => _meter;

        public void Dispose() => _meter.Dispose();
    }
}
