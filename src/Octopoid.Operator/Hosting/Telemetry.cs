using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Operator.Hosting;

/// <summary>How the process is looked into: its log, and its metrics, which Prometheus reads at <c>/metrics</c> and OTLP is sent where that is asked for.</summary>
internal static class Telemetry
{
    /// <summary>Sets the log up: a line an entry, plain or JSON, the time in UTC.</summary>
    public static void AddLog(ILoggingBuilder logging, OperatorOptions options)
    {
        const string Time = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        if (options.LogsJson)
        {
            logging.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, Time));
        }
        else
        {
            logging.AddSimpleConsole(console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, Time + " "));
        }

        logging.SetMinimumLevel(options.LogLevel);
        logging.AddFilter("Microsoft", options.LogLevel > LogLevel.Warning ? options.LogLevel : LogLevel.Warning);

        // It warns of each connection that it turns away because there are too many.
        logging.AddFilter("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error);
    }

    /// <summary>Has every instrument of ours collected, and the runtime's.</summary>
    public static void AddMetrics(IServiceCollection services, OperatorIdentity identity, bool sendsOtlp) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("octopoid-operator", serviceVersion: identity.Version, serviceInstanceId: identity.Name))
        .WithMetrics(metrics =>
        {
            metrics.AddMeter("octopoid", ApiMetrics.MeterName, "System.Runtime");

            metrics.AddView(instrument => MostSeries(instrument.Name) is { } limit ? new MetricStreamConfiguration { CardinalityLimit = limit } : null);

            // The scope's label on every series tells nothing that the name does not.
            metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
            if (sendsOtlp)
            {
                // It reads its own variables, those that begin with OTEL_EXPORTER_OTLP_.
                metrics.AddOtlpExporter();
            }
        });

    /// <summary>How many series an instrument may have; null for OpenTelemetry's own limit, 2,000. Beyond it, all that is new becomes one.</summary>
    /// <remarks>A series that is told no more keeps its place until the process ends, so those whose labels change need many times as many as there are
    /// blueprints. Each place costs 90 bytes from the beginning: 30 MB in all.</remarks>
    private static int? MostSeries(string instrument) => instrument switch
    {
        "octopoid.blueprint.state" or "octopoid.tasks.waiting" or "octopoid.repository.gate.closed" => 50_000,
        "octopoid.blueprint.claimable" or "octopoid.task.wait" or "octopoid.claim_to_job" or "octopoid.slot.turnaround" => 10_000,
        _ when instrument.StartsWith("octopoid.slots.", StringComparison.Ordinal)
            || instrument.StartsWith("octopoid.attempts.", StringComparison.Ordinal)
            || instrument.StartsWith("octopoid.repository.", StringComparison.Ordinal) => 10_000,
        _ => null,
    };
}
