using k8s;

namespace Octopoid.Cli.Cluster;

/// <summary>Where kubectl looks for a kubeconfig: one named file, else those of <c>KUBECONFIG</c>, else <c>~/.kube/config</c>.</summary>
internal static class KubeconfigFiles
{
    /// <summary>The files to read, each of which exists.</summary>
    /// <param name="named">The file that the command line names; null: none.</param>
    /// <exception cref="CliException">There is none.</exception>
    public static IReadOnlyList<string> Find(string? named)
    {
        var listed = (Environment.GetEnvironmentVariable("KUBECONFIG") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        List<string> files = named is not null ? [named]
            : listed.Length > 0 ? [.. listed.Where(File.Exists).DefaultIfEmpty(listed[0])]
            : [KubernetesClientConfiguration.KubeConfigDefaultLocation];
        return files.Find(file => !File.Exists(file)) is { } missing
            ? throw new CliException($"There is no kubeconfig at {missing}: name one by --kubeconfig or KUBECONFIG.")
            : files;
    }
}
