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

    private readonly TemporaryFolder _folder = new("octopoid-bench-");
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

    /// <summary>Starts the operator and waits until it is ready.</summary>
    /// <param name="namespaceName">The namespace that it serves.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public async Task StartOperatorAsync(string namespaceName, CancellationToken cancellationToken)
    {
        _operator = OperatorProcess.Start(
            Server.OperatorKubeconfigPath, _folder.Combine("operator.log"), "operator", leaseSeconds: 15, ControlPlane.OperatorNamespace,
            $"OCTOPOID_NAMESPACES={namespaceName}", "OCTOPOID_LOG_LEVEL=warning", HeapLimit);
        await UntilAsync(
            async () => (string?)(await OrchestratorAsync(cancellationToken))["status"]?["holder"] is { Length: > 0 } holder
                && (string?)(await LeaseAsync(cancellationToken))["spec"]?["holderIdentity"] == holder,
            "the operator leads",
            cancellationToken);
    }

    /// <summary>Tells it to stop, and waits until it has.</summary>
    public async Task StopOperatorAsync(CancellationToken cancellationToken)
    {
        await _operator!.StopAsync(cancellationToken);
        await _operator.DisposeAsync();
        _operator = null;
    }

    /// <summary>What the operator's process has cost so far.</summary>
    public async Task<ProcessCost> CostAsync(CancellationToken cancellationToken) => ProcessCost.Of(await _operator!.IdAsync(cancellationToken));

    /// <summary>Sets the cluster's limit, and the one blueprint's of each namespace beside.</summary>
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
    public Task UntilAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken) =>
        Server.WaitUntilAsync(condition, $"not so: {what}\n{_operator?.LastLines()}", cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await (_operator?.DisposeAsync() ?? ValueTask.CompletedTask);
        await Server.DisposeAsync();
        await _folder.DisposeAsync();
    }

    private async Task ApplyAsync(string objects, CancellationToken cancellationToken)
    {
        var (code, output) = await Server.KubectlAsync("---\n" + objects, cancellationToken, "apply", "--validate=false", "-f", "-");
        if (code != 0)
        {
            throw new InvalidOperationException(output);
        }
    }

    private async Task<JsonNode> OrchestratorAsync(CancellationToken cancellationToken) =>
        (await Server.GetAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", cancellationToken)).Json;

    private async Task<JsonNode> LeaseAsync(CancellationToken cancellationToken) =>
        (await Server.GetAsync($"/apis/coordination.k8s.io/v1/namespaces/{ControlPlane.OperatorNamespace}/leases/octopoid-operator", cancellationToken)).Json;
}
