using System.Diagnostics;

namespace Octopoid.Testing;

/// <summary>
/// A process that never outlives this one, however this one ends: a shell between the two holds the end of a pipe, and kills the
/// process when the pipe closes. The kernel closes it even when a test run is killed, which no handler in this process could do.
/// </summary>
public sealed class WatchedProcess : IAsyncDisposable
{
    // Ctrl-C reaches every process of the terminal: the shell must live through it to do its work.
    private const string Watchdog = """
        trap '' INT TERM HUP
        exec 3<&0
        "$@" </dev/null >>"$WATCHED_LOG" 2>&1 3<&- &
        child=$!
        echo $child >"$WATCHED_LOG.$$.pid"
        (cat <&3 >/dev/null; kill -9 $child) 2>/dev/null &
        killer=$!
        wait $child 2>/dev/null
        status=$?
        kill -9 $killer 2>/dev/null
        exit $status
        """;

    private readonly Process _shell;
    private readonly string _log;

    private WatchedProcess(Process shell, string log)
    {
        _shell = shell;
        _log = log;
    }

    private string IdPath => $"{_log}.{_shell.Id}.pid";

    public bool HasExited => _shell.HasExited;

    /// <summary>Starts a program; what it writes is appended to the file <paramref name="log"/>.</summary>
    public static WatchedProcess Start(string log, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("sh", ["-c", Watchdog, "sh", program, .. arguments]) { RedirectStandardInput = true };
        start.Environment["WATCHED_LOG"] = log;
        return new WatchedProcess(Process.Start(start)!, log);
    }

    /// <summary>The end of what the process wrote, to explain why it has exited.</summary>
    public string LastLines(int count = 15) => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(count)) : "";

    /// <summary>Sends the process a signal.</summary>
    /// <param name="signal">E.g. <c>TERM</c>, <c>STOP</c>, <c>CONT</c>.</param>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", $"{await IdAsync(CancellationToken.None)}"]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>The process's number.</summary>
    public async Task<int> IdAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (File.Exists(IdPath) && await File.ReadAllTextAsync(IdPath, cancellationToken) is [.. var id, '\n'])
            {
                return int.Parse(id, System.Globalization.CultureInfo.InvariantCulture);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Waits until the process has ended by itself.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _shell.WaitForExitAsync(cancellationToken);

    /// <summary>Kills the process (SIGKILL) and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            _shell.StandardInput.Close();
        }
        catch (IOException)
        {
            // The shell has gone already: so has the process.
        }

        await _shell.WaitForExitAsync(CancellationToken.None);
        _shell.Dispose();
    }
}
