using System.Diagnostics;

namespace Octopoid.Testing;

/// <summary>kubectl, for one cluster.</summary>
/// <param name="program">The program.</param>
/// <param name="kubeconfig">The file that names the cluster.</param>
/// <param name="cache">Its folder for what it has learnt of the cluster.</param>
public sealed class Kubectl(string program, string kubeconfig, string cache)
{
    /// <summary>Runs it; answers its exit code and all that it wrote.</summary>
    public async Task<(int ExitCode, string Output)> RunAsync(
        string? input, CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, ["--kubeconfig", kubeconfig, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECACHEDIR"] = cache;
        using var kubectl = Process.Start(start)!;
        await kubectl.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        kubectl.StandardInput.Close();
        var output = kubectl.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = kubectl.StandardError.ReadToEndAsync(cancellationToken);
        await kubectl.WaitForExitAsync(cancellationToken);
        return (kubectl.ExitCode, await output + await error);
    }
}
