using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Octopoid.Testing;

/// <summary>The operator's chart, rendered by <c>hack/chart.sh</c>: once per process for the same options.</summary>
public static partial class Chart
{
    /// <summary>The release's name in all tests, and in docs/install.md.</summary>
    public const string Release = "octopoid";

    private static readonly ConcurrentDictionary<string, Lazy<Task<(int ExitCode, string Output, string Error)>>> Rendered = new();

    /// <summary>The manifests, as installed into the operator's namespace.</summary>
    /// <param name="cancellationToken">Abandons the wait.</param>
    /// <param name="options">Options of <c>helm template</c>, such as <c>--set</c> and a value.</param>
    public static async Task<string> RenderAsync(CancellationToken cancellationToken, params IReadOnlyList<string> options)
    {
        var (exitCode, output, error) = await RunAsync(
            cancellationToken, ["template", Release, "--namespace", ControlPlane.OperatorNamespace, .. options]);
        return exitCode == 0 ? output : throw new InvalidOperationException($"hack/chart.sh template {string.Join(' ', options)}: {error}");
    }

    /// <summary>The operator's namespace, its service account, and all that it may do: for an operator that runs beside the cluster and makes
    /// the orchestrator itself.</summary>
    public static async Task<string> RightsAsync(CancellationToken cancellationToken)
    {
        var rights = await RenderAsync(
            cancellationToken,
            "--set", "orchestrator.create=false", "--set", "rbac.anySecret=true", "--show-only", "templates/serviceaccount.yaml", "--show-only", "templates/rbac.yaml");
        return $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {ControlPlane.OperatorNamespace}}}\n{rights}";
    }

    /// <summary>The chart is for Kubernetes 1.29 and newer, and some of the tests' clusters are older: manifests without what a version does not know.</summary>
    /// <param name="manifests">As rendered.</param>
    /// <param name="version">That of the API server.</param>
    public static string ForVersion(string manifests, Version version) => version >= new Version(1, 29)
        ? manifests
        : Newer().Replace(
            version >= new Version(1, 21) ? manifests : manifests.Replace("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", StringComparison.Ordinal), "");

    /// <summary>Runs <c>hack/chart.sh</c>; answers its exit code and what it wrote.</summary>
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(
        CancellationToken cancellationToken, params IReadOnlyList<string> arguments) =>
        Rendered.GetOrAdd(string.Join('\n', arguments), _ => new(() => StartAsync(arguments))).Value.WaitAsync(cancellationToken);

    private static async Task<(int ExitCode, string Output, string Error)> StartAsync(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo("bash", [RepositoryRoot.Combine("hack", "chart.sh"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.WaitForExitAsync(CancellationToken.None);
        return (process.ExitCode, await output, await error);
    }

    // Of the budget since 1.27, of the spread since 1.27.
    [GeneratedRegex(@"^ +(unhealthyPodEvictionPolicy|matchLabelKeys): .*\n", RegexOptions.Multiline)]
    private static partial Regex Newer();
}
