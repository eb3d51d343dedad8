using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Octopoid.Testing;

namespace Octopoid.Benchmarks.Pool;

/// <summary>A real API server as in production (it waits for the disk, and shares itself out), and on it an operator's process with the rights that the chart gives it.</summary>
internal sealed class BenchedPool : IAsyncDisposable
{
    /// <summary>The one namespace that the operator serves, unless told otherwise.</summary>
    public const string Namespace = "bench";

    /// <summary>A namespace that it does not serve, for what it is compared with: it sees nothing of it.</summary>
    public const string BareNamespace = "bare";

    /// <summary>What .NET allows itself of the chart's default memory limit, 512 MiB: three quarters.</summary>
    private const string HeapLimit = "DOTNET_GCHeapHardLimit=0x18000000";

    private const int SendersAtOnce = 16;

    /// <summary>A list of 100,000 tasks takes an API server of two cores most of a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly TemporaryFolder _folder = new("octopoid-bench-");
    private readonly Uri _metrics = FreeAddress();
    private OperatorProcess? _operator;

    private BenchedPool(ControlPlane server) => Server = server;

    public ControlPlane Server { get; }

    /// <summary>Starts the server; not yet the operator.</summary>
    /// <param name="isAudited">True to have it log every request.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public static async Task<BenchedPool> StartAsync(bool isAudited, CancellationToken cancellationToken)
    {
        var pool = new BenchedPool(await ControlPlane.StartAsync(new ControlPlaneOptions { IsProduction = true, IsAudited = isAudited }, cancellationToken));
        await pool.Server.ApplyCrdsAsync(cancellationToken);
        await pool.ApplyAsync(await Chart.RightsAsync(cancellationToken), cancellationToken);
        foreach (var name in (string[])[Namespace, BareNamespace])
        {
            await pool.ApplyAsync($"{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}}}}}", cancellationToken);
        }

        return pool;
    }

    /// <summary>Starts the operator and waits until it leads.</summary>
    /// <param name="namespaceName">The namespace that it serves.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <param name="server">Where it reaches the API server; null for where that is.</param>
    public async Task StartOperatorAsync(string namespaceName, CancellationToken cancellationToken, Uri? server = null)
    {
        var kubeconfig = _folder.Combine("kubeconfig");
        await File.WriteAllTextAsync(kubeconfig, Server.Kubeconfig(ControlPlane.OperatorToken, server), cancellationToken);
        _operator = OperatorProcess.Start(
            kubeconfig, _folder.Combine("operator.log"), "operator", leaseSeconds: 15, ControlPlane.OperatorNamespace,
            $"OCTOPOID_NAMESPACES={namespaceName}", "OCTOPOID_LOG_LEVEL=warning", $"ASPNETCORE_URLS={_metrics}", HeapLimit);
        await UntilAsync(
            async () => (string?)(await OrchestratorAsync(cancellationToken))["status"]?["holder"] is { Length: > 0 } holder
                && (string?)(await LeaseAsync(cancellationToken))["spec"]?["holderIdentity"] == holder,
            "the operator leads",
            cancellationToken);
    }

    /// <summary>Its process's number.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public Task<int> OperatorIdAsync(CancellationToken cancellationToken) => _operator!.HasExited
        ? throw new InvalidOperationException($"The operator has ended:\n{_operator.LastLines()}")
        : _operator.IdAsync(cancellationToken);

    /// <summary>What it tells Prometheus: value by series.</summary>
    public async Task<IReadOnlyDictionary<string, double>> MetricsAsync(CancellationToken cancellationToken)
    {
        using var client = new HttpClient();
        var page = await client.GetStringAsync(new Uri(_metrics, "metrics"), cancellationToken);
        return page.Split('\n').Where(line => line.Length > 0 && line[0] != '#').Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => double.Parse(parts[1], CultureInfo.InvariantCulture));
    }

    /// <summary>How many tasks there are in a state, or in all.</summary>
    public async Task<int> CountTasksAsync(string namespaceName, string? state, CancellationToken cancellationToken) =>
        (await TasksAsync(namespaceName, cancellationToken)).Count(task => state is null || (string?)task["status"]?["state"] == state);

    /// <summary>Deletes some tasks, the oldest first.</summary>
    public async Task DeleteTasksAsync(string namespaceName, int count, CancellationToken cancellationToken)
    {
        foreach (var task in (await TasksAsync(namespaceName, cancellationToken)).Take(count))
        {
            await Server.SendAsync(HttpMethod.Delete, Path(namespaceName, $"agenttasks/{task["metadata"]!["name"]}"), null, "application/json", cancellationToken);
        }
    }

    /// <summary>Tells it to stop, and waits until it has.</summary>
    public async Task StopOperatorAsync(CancellationToken cancellationToken)
    {
        await _operator!.StopAsync(cancellationToken);
        await _operator.DisposeAsync();
        _operator = null;
    }

    /// <summary>What the operator's process has cost so far.</summary>
    public async Task<ProcessCost> CostAsync(CancellationToken cancellationToken) => ProcessCost.Of(await OperatorIdAsync(cancellationToken));

    /// <summary>Sets the cluster's limit; the blueprints allow more than it ever does.</summary>
    public Task LimitAsync(int maxConcurrent, CancellationToken cancellationToken) => ApplyAsync(
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {{name: default}}, spec: {{maxConcurrent: {maxConcurrent}}}}}",
        cancellationToken);

    /// <summary>Makes the blueprint that all tasks wait for.</summary>
    public Task CreateBlueprintAsync(string namespaceName, CancellationToken cancellationToken) => ApplyAsync(Blueprint(namespaceName), cancellationToken);

    /// <summary>The blueprint, YAML.</summary>
    private static string Blueprint(string namespaceName) =>
        "{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {name: implementer, namespace: " + namespaceName + "}, "
        + "spec: {image: agent, maxInstances: 10000, scripts: {inline: {run: exit 0}}}}";

    /// <summary>Makes tasks, several at once.</summary>
    public Task CreateTasksAsync(string namespaceName, IEnumerable<string> names, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        names,
        new ParallelOptions { MaxDegreeOfParallelism = SendersAtOnce, CancellationToken = cancellationToken },
        async (name, token) => await CreateTaskAsync(namespaceName, name, token));

    /// <summary>Makes a task.</summary>
    public async Task CreateTaskAsync(string namespaceName, string name, CancellationToken cancellationToken)
    {
        var body = $$$"""{"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentTask","metadata":{"name":"{{{name}}}"},"spec":{"title":"Mend the parser","prompt":"The parser takes a closing bracket for an opening one. Mend it, and add the test that would have found it."}}""";
        (await Server.SendAsync(HttpMethod.Post, Path(namespaceName, "agenttasks"), body, "application/json", cancellationToken)).EnsureSuccess();
    }

    /// <summary>Changes an object by a merge patch.</summary>
    public async Task PatchAsync(string path, string patch, CancellationToken cancellationToken) =>
        (await Server.SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json", cancellationToken)).EnsureSuccess();

    /// <summary>Where something of a namespace is.</summary>
    public static string Path(string namespaceName, string path) => path.Split('/')[0] switch
    {
        "jobs" => $"/apis/batch/v1/namespaces/{namespaceName}/{path}",
        "pods" => $"/api/v1/namespaces/{namespaceName}/{path}",
        _ => $"/apis/octopoid.dev/v1alpha1/namespaces/{namespaceName}/{path}",
    };

    /// <summary>Removes tasks, Jobs and pods, and waits until no slot is in use.</summary>
    public async Task ClearAsync(string namespaceName, CancellationToken cancellationToken)
    {
        foreach (var resource in (string[])["agenttasks", "jobs", "pods"])
        {
            (await Server.SendAsync(
                HttpMethod.Delete, Path(namespaceName, resource), """{"gracePeriodSeconds":0,"propagationPolicy":"Background"}""", "application/json", cancellationToken))
                .EnsureSuccess();
        }

        if (_operator is not null)
        {
            await UntilIdleAsync(cancellationToken);
        }
    }

    /// <summary>Waits until no slot is in use, by the orchestrator's status.</summary>
    public Task UntilIdleAsync(CancellationToken cancellationToken) => UntilAsync(
        async () => (int?)(await OrchestratorAsync(cancellationToken))["status"]?["running"] == 0, "no slot is in use", cancellationToken);

    /// <summary>Waits until something is so.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        var start = JobTimeline.Now;
        while (!await condition())
        {
            if (JobTimeline.Now - start > Patience)
            {
                throw new TimeoutException($"Not within {Patience}: {what}.\n{_operator?.LastLines()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_operator?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Server.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }

    private async Task ApplyAsync(string objects, CancellationToken cancellationToken)
    {
        var (code, output) = await Server.KubectlAsync("---\n" + objects, cancellationToken, "apply", "--validate=false", "-f", "-");
        if (code != 0)
        {
            throw new InvalidOperationException(output);
        }
    }

    private async Task<IReadOnlyList<JsonNode>> TasksAsync(string namespaceName, CancellationToken cancellationToken) =>
        [.. (await Server.GetAsync(Path(namespaceName, "agenttasks"), cancellationToken)).EnsureSuccess().Json["items"]!.AsArray().OfType<JsonNode>()];

    private async Task<JsonNode> OrchestratorAsync(CancellationToken cancellationToken) =>
        (await Server.GetAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", cancellationToken)).Json;

    private async Task<JsonNode> LeaseAsync(CancellationToken cancellationToken) =>
        (await Server.GetAsync($"/apis/coordination.k8s.io/v1/namespaces/{ControlPlane.OperatorNamespace}/leases/octopoid-operator", cancellationToken)).Json;
}
