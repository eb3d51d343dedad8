using System.Diagnostics.Metrics;
using System.Globalization;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Counts and times the requests to the API server, by verb, resource and code.</summary>
public sealed class ApiMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Octopoid.Kubernetes";

    private readonly Histogram<double> _duration;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Where they are registered.</param>
    public ApiMetrics(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _duration = meters.Create(MeterName).CreateHistogram(
            "kubernetes.client.request.duration",
            unit: "s",
            description: "Time from sending a request to the last byte of its answer; of a watch, to the first.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] });
    }

    /// <summary>Notes one request.</summary>
    /// <param name="method">Its method.</param>
    /// <param name="path">Its path and query.</param>
    /// <param name="code">The HTTP status; 0 when no answer came.</param>
    /// <param name="duration">How long it took.</param>
    internal void Record(HttpMethod method, string path, int code, TimeSpan duration)
    {
        if (_duration.Enabled)
        {
            var (verb, resource) = Describe(method, path);
            _duration.Record(
                duration.TotalSeconds,
                new("verb", verb),
                new("resource", resource),
                new("code", code == 0 ? "none" : code.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>The verb, as RBAC names it, and the resource of a request. No object's name is in either: both are from small sets.</summary>
    internal static (string Verb, string Resource) Describe(HttpMethod method, string path)
    {
        var query = path.IndexOf('?', StringComparison.Ordinal);
        var segments = (query < 0 ? path : path[..query]).Split('/');

        // api/v1/… or apis/GROUP/VERSION/…, then namespaces/NAME/ where it is of a namespace.
        var at = segments[0] == "api" ? 2 : 3;
        if (segments.Length > at + 2 && segments[at] == "namespaces")
        {
            at += 2;
        }

        if (segments.Length <= at)
        {
            return (method.Method, "none");
        }

        var resource = segments.Length > at + 2 ? $"{segments[at]}/{segments[at + 2]}" : segments[at];
        var isCollection = segments.Length == at + 1;
        var verb = method.Method switch
        {
            "GET" when query >= 0 && path.AsSpan(query).Contains("watch=true", StringComparison.Ordinal) => "watch",
            "GET" => isCollection ? "list" : "get",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => isCollection ? "deletecollection" : "delete",
            var other => other,
        };
        return (verb, resource);
    }
}
