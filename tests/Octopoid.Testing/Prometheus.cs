using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Octopoid.Testing;

/// <summary>A real Prometheus that scrapes one target every second.</summary>
public sealed class Prometheus : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("octopoid-prometheus-");
    private readonly HttpClient _http = new();
    private WatchedProcess? _process;

    private Prometheus()
    {
    }

    /// <summary>Starts it.</summary>
    /// <param name="target">What it scrapes, at <c>/metrics</c>.</param>
    public static Prometheus Start(Uri target)
    {
        ArgumentNullException.ThrowIfNull(target);
        var prometheus = new Prometheus();
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            prometheus._http.BaseAddress = new Uri($"http://{free.LocalEndpoint}");
        }

        File.WriteAllText(
            prometheus._folder.Combine("prometheus.yaml"),
            $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: operator
                static_configs: [{targets: ["{{target.Authority}}"]}]
            """);
        prometheus._process = WatchedProcess.Start(
            prometheus._folder.Combine("log"),
            "bash",
            RepositoryRoot.Combine("hack", "prometheus.sh"),
            "prometheus",
            "--config.file=" + prometheus._folder.Combine("prometheus.yaml"),
            "--storage.tsdb.path=" + prometheus._folder.Combine("data"),
            "--web.listen-address=" + prometheus._http.BaseAddress.Authority);
        return prometheus;
    }

    /// <summary>Runs Prometheus' tool; answers its exit code and what it wrote.</summary>
    /// <param name="input">What it is given to read.</param>
    /// <param name="cancellationToken">Abandons the wait.</param>
    /// <param name="arguments">Its arguments.</param>
    public static async Task<(int ExitCode, string Output)> RunToolAsync(string input, CancellationToken cancellationToken, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("bash", [RepositoryRoot.Combine("hack", "prometheus.sh"), "promtool", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, await output + await error);
    }

    /// <summary>Asks for an expression's values now; empty while it has none, or is not there yet.</summary>
    /// <param name="expression">In PromQL.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public async Task<IReadOnlyList<double>> QueryAsync(string expression, CancellationToken cancellationToken)
    {
        var answer = await GetAsync("api/v1/query?query=" + Uri.EscapeDataString(expression), cancellationToken);
        return answer is not { } data ? [] : [.. data.GetProperty("result").EnumerateArray().Select(sample =>
            double.Parse(sample.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture))];
    }

    /// <summary>The names of all metrics that it has; empty while it is not there yet.</summary>
    public async Task<IReadOnlySet<string>> NamesAsync(CancellationToken cancellationToken) =>
        await GetAsync("api/v1/label/__name__/values", cancellationToken) is { } data ? data.EnumerateArray().Select(name => name.GetString()!).ToHashSet() : new HashSet<string>();

    /// <summary>The end of what it wrote.</summary>
    public string LastLines() => _process!.LastLines();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process!.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private async Task<JsonElement?> GetAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = JsonDocument.Parse(await _http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken));
            return answer.RootElement.GetProperty("data").Clone();
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
