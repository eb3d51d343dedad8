using System.Diagnostics.CodeAnalysis;

namespace Octopoid.Operator.Hosting;

/// <summary>What the process is told by its environment.</summary>
internal sealed record OperatorOptions
{
    /// <summary><c>KUBECONFIG</c>: the file that names the API server; null inside a pod, whose service account does. No other place is looked
    /// in: a cluster that nobody named is never touched.</summary>
    public string? KubeconfigPath { get; init; }

    /// <summary><c>POD_NAME</c>: who this process is; null means the host's name.</summary>
    public string? PodName { get; init; }

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

        options = new OperatorOptions
        {
            KubeconfigPath = NullIfEmpty(variable("KUBECONFIG")),
            PodName = NullIfEmpty(variable("POD_NAME")),
            CreateOrchestrator = string.IsNullOrEmpty(create) || bool.Parse(create),
        };
        error = null;
        return true;
    }

    private static string? NullIfEmpty(string? value) => string.IsNullOrEmpty(value) ? null : value;
}
