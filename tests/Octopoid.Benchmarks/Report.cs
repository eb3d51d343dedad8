using System.Globalization;
using System.Reflection;
using System.Runtime;
using System.Text.Json;
using System.Text.RegularExpressions;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Benchmarks;

/// <summary>What a run found, and where.</summary>
/// <param name="Date">When it began.</param>
/// <param name="Machine">On what: cores, memory, processor.</param>
/// <param name="Version">What was measured.</param>
internal sealed partial record Report(DateTimeOffset Date, string Machine, string Version)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The results so far.</summary>
    public IList<Result> Results { get; } = [];

    /// <summary>Begins one on this machine.</summary>
    public static Report Begin(TimeProvider time)
    {
        var processor = File.Exists("/proc/cpuinfo") ? Model().Match(File.ReadAllText("/proc/cpuinfo")).Groups[1].Value : "";
        var gibibytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024.0 / 1024 / 1024;
        return new Report(
            time.GetUtcNow(),
            string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} cores ({processor}), {gibibytes:0} GiB, .NET {Environment.Version}, server GC {GCSettings.IsServerGC}"),
            typeof(ApiTransport).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "");
    }

    /// <summary>Writes it to a file.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellationToken) =>
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(this, Json) + "\n", cancellationToken);

    [GeneratedRegex(@"model name\s*: (.*)")]
    private static partial Regex Model();
}
