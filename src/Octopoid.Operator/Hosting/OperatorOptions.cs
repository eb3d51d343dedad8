using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Octopoid.Operator.Hosting;

/// <summary>What the process is told by its environment.</summary>
internal sealed record OperatorOptions
{
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

    /// <summary>Reads the environment.</summary>
    /// <param name="variable">Looks a variable up.</param>
    /// <param name="options">The options.</param>
    /// <param name="error">What is wrong, one sentence, when something is.</param>
    public static bool TryRead(
        Func<string, string?> variable, [NotNullWhen(true)] out OperatorOptions? options, [NotNullWhen(false)] out string? error)
    {
        var create = variable("OCTOPOID_CREATE_ORCHESTRATOR");
        if (!string.IsNullOrEmpty(create) && !bool.TryParse(create, out _))
        {
            (options, error) = (null, $"OCTOPOID_CREATE_ORCHESTRATOR is '{create}'; it must be true or false.");
            return false;
        }

        var seconds = 15;
        if (NullIfEmpty(variable("OCTOPOID_LEASE_SECONDS")) is { } lease
            && !(int.TryParse(lease, NumberStyles.None, CultureInfo.InvariantCulture, out seconds) && seconds is >= 3 and <= 3600))
        {
            (options, error) = (null, $"OCTOPOID_LEASE_SECONDS is '{lease}'; it must be a whole number from 3 to 3600.");
            return false;
        }

        var kubeconfig = NullIfEmpty(variable("KUBECONFIG"));
        if (kubeconfig is null && NullIfEmpty(variable("KUBERNETES_SERVICE_HOST")) is null)
        {
            (options, error) = (null, "KUBECONFIG is not set, and this is no pod: set it to the file that names the API server.");
            return false;
        }

        options = new OperatorOptions
        {
            KubeconfigPath = kubeconfig,
            PodName = NullIfEmpty(variable("POD_NAME")),
            PodNamespace = NullIfEmpty(variable("POD_NAMESPACE")) ?? "default",
            LeaseDuration = TimeSpan.FromSeconds(seconds),
            CreateOrchestrator = string.IsNullOrEmpty(create) || bool.Parse(create),
        };
        error = null;
        return true;
    }

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
