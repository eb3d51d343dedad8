using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Octopoid.Operator.Hosting;

/// <summary>What the process is told by its environment.</summary>
internal sealed partial record OperatorOptions
{
    private static readonly Dictionary<string, LogLevel> Levels = new()
    {
        ["trace"] = LogLevel.Trace, ["debug"] = LogLevel.Debug, ["information"] = LogLevel.Information, ["warning"] = LogLevel.Warning, ["error"] = LogLevel.Error,
    };

    /// <summary><c>KUBECONFIG</c>: the file that names the API server; null inside a pod, whose service account does. No other place is looked
    /// in: a cluster that nobody named is never touched.</summary>
    public string? KubeconfigPath { get; init; }

    /// <summary><c>POD_NAME</c>: who this process is; null means the host's name.</summary>
    public string? PodName { get; init; }

    /// <summary><c>POD_NAMESPACE</c>: where the Lease is that elects one of several processes; <c>default</c> unless said.</summary>
    public string PodNamespace { get; init; } = "default";

    /// <summary><c>OCTOPOID_LEASE_SECONDS</c>: how long after its death a leader is followed by the next at the latest, a little more; 15 unless said,
    /// 3 to 3600. A shorter one also loses the lead to shorter outages of the API server.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary><c>OCTOPOID_CREATE_ORCHESTRATOR</c>: false when something else makes the orchestrator, as the chart does. True unless said.</summary>
    public bool CreateOrchestrator { get; init; } = true;

    /// <summary><c>OCTOPOID_NAMESPACES</c>: the namespaces that are served, with commas between; empty means all. Rights in those alone are needed then, and
    /// to see the one AgentOrchestrator, whose limits hold for what runs in them.</summary>
    public IReadOnlyCollection<string> Namespaces { get; init; } = [];

    /// <summary><c>OCTOPOID_LOG_FORMAT</c>: <c>text</c> or <c>json</c>; text unless said.</summary>
    public bool LogsJson { get; init; }

    /// <summary><c>OCTOPOID_LOG_LEVEL</c>: <c>trace</c>, <c>debug</c>, <c>information</c>, <c>warning</c>, <c>error</c>; information unless said.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary><c>OTEL_EXPORTER_OTLP_ENDPOINT</c>: where metrics are sent to; they are not, unless it is set.</summary>
    public bool SendsOtlp { get; init; }

    /// <summary><c>OCTOPOID_WEBHOOK_PORT</c>: where forges' webhooks are taken in, 0 to 65535, 0 for any that is free; they are not, unless it is set.</summary>
    public int? WebhookPort { get; init; }

    /// <summary><c>OCTOPOID_WEBHOOK_SECRETS</c>: the folder with the secrets that webhooks are signed with, each a file; set with the port.</summary>
    public string? WebhookSecrets { get; init; }

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Looks a variable up.</param>
    /// <param name="options">The options.</param>
    /// <param name="error">What is wrong, one sentence, when something is.</param>
    public static bool TryRead(
        Func<string, string?> variable, [NotNullWhen(true)] out OperatorOptions? options, [NotNullWhen(false)] out string? error)
    {
        (options, error) = (null, Violation(variable));
        if (error is not null)
        {
            return false;
        }

        options = new OperatorOptions
        {
            KubeconfigPath = NullIfEmpty(variable("KUBECONFIG")),
            PodName = NullIfEmpty(variable("POD_NAME")),
            PodNamespace = NullIfEmpty(variable("POD_NAMESPACE")) ?? "default",
            LeaseDuration = TimeSpan.FromSeconds(int.Parse(NullIfEmpty(variable("OCTOPOID_LEASE_SECONDS")) ?? "15", CultureInfo.InvariantCulture)),
            CreateOrchestrator = bool.Parse(NullIfEmpty(variable("OCTOPOID_CREATE_ORCHESTRATOR")) ?? "true"),
            Namespaces = [.. SplitNamespaces(variable).Distinct()],
            LogsJson = variable("OCTOPOID_LOG_FORMAT") == "json",
            LogLevel = NullIfEmpty(variable("OCTOPOID_LOG_LEVEL")) is { } level ? Levels[level] : LogLevel.Information,
            WebhookPort = NullIfEmpty(variable("OCTOPOID_WEBHOOK_PORT")) is { } port ? int.Parse(port, CultureInfo.InvariantCulture) : null,
            WebhookSecrets = NullIfEmpty(variable("OCTOPOID_WEBHOOK_SECRETS")),
            SendsOtlp = NullIfEmpty(variable("OTEL_EXPORTER_OTLP_ENDPOINT")) is not null,
        };
        return true;
    }

    /// <summary>What is wrong with the environment, one sentence; null when nothing is.</summary>
    private static string? Violation(Func<string, string?> variable)
    {
        if (NullIfEmpty(variable("OCTOPOID_CREATE_ORCHESTRATOR")) is { } create && !bool.TryParse(create, out _))
        {
            return $"OCTOPOID_CREATE_ORCHESTRATOR is '{create}'; it must be true or false.";
        }

        if (NullIfEmpty(variable("OCTOPOID_LEASE_SECONDS")) is { } lease
            && !(int.TryParse(lease, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 3 and <= 3600))
        {
            return $"OCTOPOID_LEASE_SECONDS is '{lease}'; it must be a whole number from 3 to 3600.";
        }

        if (SplitNamespaces(variable).FirstOrDefault(name => !NamespaceName().IsMatch(name)) is { } wrong)
        {
            return $"OCTOPOID_NAMESPACES has '{wrong}', which cannot be the name of a namespace.";
        }

        if (NullIfEmpty(variable("OCTOPOID_NAMESPACES")) is { } namespaces && SplitNamespaces(variable).Length == 0)
        {
            return $"OCTOPOID_NAMESPACES is '{namespaces}', which names none; leave it unset to serve all.";
        }

        if (NullIfEmpty(variable("OTEL_EXPORTER_OTLP_ENDPOINT")) is { } endpoint
            && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttp || address.Scheme == Uri.UriSchemeHttps)))
        {
            return $"OTEL_EXPORTER_OTLP_ENDPOINT is '{endpoint}'; it must be a URL that begins with http:// or https://.";
        }

        if (NullIfEmpty(variable("OCTOPOID_WEBHOOK_PORT")) is { } port && !ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        {
            return $"OCTOPOID_WEBHOOK_PORT is '{port}'; it must be a whole number from 0 to 65535.";
        }

        if (NullIfEmpty(variable("OCTOPOID_WEBHOOK_PORT")) is null != NullIfEmpty(variable("OCTOPOID_WEBHOOK_SECRETS")) is null)
        {
            return "OCTOPOID_WEBHOOK_PORT and OCTOPOID_WEBHOOK_SECRETS go together: set both, or neither.";
        }

        if (NullIfEmpty(variable("OCTOPOID_LOG_FORMAT")) is { } format and not ("text" or "json"))
        {
            return $"OCTOPOID_LOG_FORMAT is '{format}'; it must be text or json.";
        }

        if (NullIfEmpty(variable("OCTOPOID_LOG_LEVEL")) is { } level && !Levels.ContainsKey(level))
        {
            return $"OCTOPOID_LOG_LEVEL is '{level}'; it must be one of {string.Join(", ", Levels.Keys)}.";
        }

        return NullIfEmpty(variable("KUBECONFIG")) is null && NullIfEmpty(variable("KUBERNETES_SERVICE_HOST")) is null
            ? "KUBECONFIG is not set, and this is no pod: set it to the file that names the API server."
            : null;
    }

    private static string[] SplitNamespaces(Func<string, string?> variable) =>
        (variable("OCTOPOID_NAMESPACES") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>RFC 1123's label, as Kubernetes wants it.</summary>
    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex NamespaceName();

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
