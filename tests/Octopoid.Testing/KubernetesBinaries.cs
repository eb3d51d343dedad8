using System.Diagnostics;

namespace Octopoid.Testing;

/// <summary>The folder of etcd, kube-apiserver and kubectl: where KUBEBUILDER_ASSETS points, or a cache that is filled once.</summary>
public static class KubernetesBinaries
{
    private static readonly Lazy<Task<string>> Found = new(FindAsync);

    /// <summary>Finds the folder; the first call on a machine builds what is in it, which takes minutes and says so on stderr.</summary>
    public static Task<string> FolderAsync(CancellationToken cancellationToken) => Found.Value.WaitAsync(cancellationToken);

    private static async Task<string> FindAsync()
    {
        var script = RepositoryRoot.Combine("hack", "kubernetes-binaries.sh");
        using var process = Process.Start(new ProcessStartInfo("bash", [script, "control-plane"]) { RedirectStandardOutput = true })!;
        var folder = (await process.StandardOutput.ReadToEndAsync(CancellationToken.None)).Trim();
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode == 0
            ? folder
            : throw new InvalidOperationException($"{script} control-plane failed with exit code {process.ExitCode}; its stderr says why.");
    }
}
