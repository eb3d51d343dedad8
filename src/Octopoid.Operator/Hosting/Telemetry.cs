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
        logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    /// <summary>Has every instrument of ours collected, and the runtime's.</summary>
    public static void AddMetrics(IServiceCollection services, OperatorIdentity identity, bool sendsOtlp) => services.AddOpenTelemetry()
        .ConfigureResource(resource => resource.AddService("octopoid-operator", serviceVersion: identity.Version, serviceInstanceId: identity.Name))
        .WithMetrics(metrics =>
        {
            metrics.AddMeter("octopoid", ApiMetrics.MeterName, "System.Runtime");

            // The scope's label on every series tells nothing that the name does not.
            metrics.AddPrometheusExporter(prometheus => prometheus.ScopeInfoEnabled = false);
            if (sendsOtlp)
            {
                // It reads its own variables, those that begin with OTEL_EXPORTER_OTLP_.
                metrics.AddOtlpExporter();
            }
        });
}
