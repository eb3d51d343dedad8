using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Octopoid.Benchmarks.Pool;

/// <summary>What a process has cost, by the kernel's word.</summary>
/// <param name="CpuSeconds">Its processor time.</param>
/// <param name="ResidentBytes">What it has in memory.</param>
/// <param name="PeakResidentBytes">The most that it ever had in memory.</param>
internal sealed partial record ProcessCost(double CpuSeconds, long ResidentBytes, long PeakResidentBytes)
{
    /// <summary>The kernel counts a hundred a second for every program, whatever its own clock does.</summary>
    private const double TicksPerSecond = 100;

    public static ProcessCost Of(int process)
    {
        // The name, in brackets, may have spaces.
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var status = File.ReadAllLines($"/proc/{process}/status").Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return new ProcessCost(
            (Number(fields[11]) + Number(fields[12])) / TicksPerSecond, 1024 * Kilobytes("VmRSS"), 1024 * Kilobytes("VmHWM"));

        long Kilobytes(string name) => Number(status[name].Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    /// <summary>What each of its open TCP connections has carried so far, both ways.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> ConnectionBytesAsync(int process, CancellationToken cancellationToken)
    {
        using var tool = Process.Start(new ProcessStartInfo("ss", ["--tcp", "--info", "--processes", "--numeric", "--no-header", "--oneline"]) { RedirectStandardOutput = true })!;
        var lines = (await tool.StandardOutput.ReadToEndAsync(cancellationToken)).Split('\n');
        await tool.WaitForExitAsync(cancellationToken);
        return lines.Where(line => line.Contains($"pid={process},", StringComparison.Ordinal))
            .ToDictionary(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5]), line => Bytes().Matches(line).Sum(match => Number(match.Groups[1].Value)));
    }

    [GeneratedRegex(@"bytes_(?:sent|received):(\d+)")]
    private static partial Regex Bytes();

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
