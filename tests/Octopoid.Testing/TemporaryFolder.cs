using System.Diagnostics;

namespace Octopoid.Testing;

/// <summary>A folder that is deleted when it is disposed, and also when this process dies: a shell waits for a pipe to close.</summary>
public sealed class TemporaryFolder : IAsyncDisposable
{
    // Other processes may be writing into it until their own watchdogs have killed them, so once may not do.
    private const string Watchdog = """
        trap '' INT TERM HUP
        cat >/dev/null
        tries=0
        until rm -rf "$1" 2>/dev/null || [ $tries -ge 50 ]; do tries=$((tries + 1)); sleep 0.1; done
        """;

    private readonly Process _shell;

    public TemporaryFolder(string prefix)
    {
        Path = Directory.CreateTempSubdirectory(prefix).FullName;
        _shell = Process.Start(new ProcessStartInfo("sh", ["-c", Watchdog, "sh", Path]) { RedirectStandardInput = true })!;
    }

    public string Path { get; }

    public string Combine(string name) => System.IO.Path.Combine(Path, name);

    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync(CancellationToken.None);
        _shell.Dispose();
    }
}
