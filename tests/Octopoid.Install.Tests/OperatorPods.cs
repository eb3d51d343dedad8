using System.Diagnostics;
using System.Text;

namespace Octopoid.Install.Tests;

/// <summary>The operator's processes in their pods, as the machine sees them: what no kubectl can do to them, a signal can.</summary>
internal static class OperatorPods
{
    /// <summary>Sends a signal to a pod's process.</summary>
    /// <param name="pod">The pod's name.</param>
    /// <param name="signal">E.g. <c>KILL</c>, <c>STOP</c>.</param>
    /// <returns>False where this machine does not see the process: the node is somewhere else, or belongs to somebody else.</returns>
    public static async Task<bool> SignalAsync(string pod, string signal)
    {
        if (FindProcess(pod) is not { } id)
        {
            return false;
        }

        using var kill = Process.Start("kill", ["-" + signal, id]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        return kill.ExitCode == 0;
    }

    private static string? FindProcess(string pod)
    {
        var wanted = Encoding.UTF8.GetBytes($"POD_NAME={pod}\0");
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                if (File.ReadAllBytes(Path.Combine(folder, "environ")).AsSpan().IndexOf(wanted) >= 0)
                {
                    return Path.GetFileName(folder);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is not ours to look into.
            }
        }

        return null;
    }
}
