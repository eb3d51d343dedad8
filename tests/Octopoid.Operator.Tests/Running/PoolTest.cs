using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>
/// A namespace of its own on a real API server, and operators' processes with the rights that the chart gives them. The server is borrowed
/// with <see cref="IClassFixture{TFixture}"/>: as a <see cref="SharedControlPlane"/>, or as an <see cref="OwnControlPlane"/> that no other class has used.
/// </summary>
public abstract class PoolTest(PoolControlPlane fixture) : IAsyncLifetime
{
    protected const string Done = """{"outcome":"done","commits":1,"branch":"agent/x","headSHA":"abc"}""";

    private readonly TemporaryFolder _folder = new("octopoid-pool-");
    private OperatorProcess? _operator;

    protected ControlPlane Server => fixture.ControlPlane;

    protected string Namespace { get; private set; } = "";

    protected static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    /// <summary>False where no other test uses the control plane.</summary>
    protected virtual bool CleansUp => true;

    public virtual async ValueTask InitializeAsync()
    {
        Namespace = await Server.CreateNamespaceAsync(CancellationToken);
        await ApplyAsync("{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 5}}");
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(_operator?.LastLines() ?? "");
        }

        // What this test leaves unfinished would hold slots in the next one's operator; and that one need not wait for a Lease given up.
        await (_operator?.StopAsync(System.Threading.CancellationToken.None) ?? System.Threading.Tasks.Task.CompletedTask);
        await KillOperatorAsync();
        foreach (var resource in CleansUp ? ["agenttasks", "agentblueprints", "agentrepositories", "jobs", "pods"] : Array.Empty<string>())
        {
            await Server.SendAsync(
                HttpMethod.Delete,
                NamespacedPath(resource),
                """{"gracePeriodSeconds":0,"propagationPolicy":"Background"}""",
                "application/json",
                System.Threading.CancellationToken.None);
        }

        await _folder.DisposeAsync();
    }

    protected static string Blueprint(int maxInstances, string more = "") =>
        "{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {name: implementer}, "
        + $"spec: {{image: agent, maxInstances: {maxInstances}, scripts: {{inline: {{run: exit 0}}}}{more}}}}}";

    protected static string Task(string name, string more = "") =>
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentTask, metadata: {{name: {name}}}, spec: {{prompt: Do it.{more}}}}}";

    protected void StartOperator() => _operator = StartReplica("operator", leaseSeconds: 3);

    protected void StartOperator(string kubeconfig, int leaseSeconds, params IEnumerable<string> environment) =>
        _operator = OperatorProcess.Start(kubeconfig, _folder.Combine("operator.log"), "operator", leaseSeconds, ControlPlane.OperatorNamespace, environment);

    protected OperatorProcess StartReplica(
        string name, int leaseSeconds, string namespaceName = ControlPlane.OperatorNamespace, params IEnumerable<string> environment) =>
        OperatorProcess.Start(Server.OperatorKubeconfigPath, _folder.Combine($"{name}.log"), name, leaseSeconds, namespaceName, environment);

    /// <summary>Writes a file into the test's own folder; answers its path.</summary>
    protected string WriteFile(string name, string text)
    {
        File.WriteAllText(_folder.Combine(name), text);
        return _folder.Combine(name);
    }

    /// <summary>All that the operator has logged.</summary>
    protected string OperatorLog() => _operator!.LastLines(int.MaxValue);

    /// <summary>Tells the operator to stop: it gives up the lead, if it still reaches the API server.</summary>
    protected System.Threading.Tasks.Task StopOperatorAsync() => _operator!.StopAsync(CancellationToken);

    /// <summary>The number of the operator's process.</summary>
    protected Task<int> OperatorIdAsync() => _operator!.IdAsync(CancellationToken);

    protected System.Threading.Tasks.Task SignalOperatorAsync(string signal) => _operator!.SignalAsync(signal);

    protected ValueTask KillOperatorAsync() => _operator?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected async Task ApplyAsync(params string[] objects)
    {
        var (code, output) = await Server.KubectlAsync(
            "---\n" + string.Join("\n---\n", objects), CancellationToken, "-n", Namespace, "apply", "--validate=false", "-f", "-");
        Assert.True(code == 0, output);
    }

    /// <summary>Makes many tasks; kubectl would take them one by one.</summary>
    protected System.Threading.Tasks.Task CreateTasksAsync(IEnumerable<string> names, string more = "") => Parallel.ForEachAsync(
        names,
        new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = CancellationToken },
        async (name, token) => (await Server.SendAsync(
            HttpMethod.Post, $"/apis/octopoid.dev/v1alpha1/namespaces/{Namespace}/agenttasks", Task(name, more), "application/yaml", token))
            .EnsureSuccess());

    /// <summary>Changes an object of the test's namespace by a merge patch.</summary>
    protected async Task<ApiAnswer> PatchAsync(string path, string patch) => (await Server.SendAsync(
        HttpMethod.Patch, NamespacedPath(path), patch, "application/merge-patch+json", CancellationToken)).EnsureSuccess();

    /// <summary>Where something of the test's namespace is, e.g. <c>jobs</c>, <c>agenttasks/t/status</c>.</summary>
    protected string NamespacedPath(string path) => path.Split('/')[0] switch
    {
        "jobs" => $"/apis/batch/v1/namespaces/{Namespace}/{path}",
        "pods" => $"/api/v1/namespaces/{Namespace}/{path}",
        _ => $"/apis/octopoid.dev/v1alpha1/namespaces/{Namespace}/{path}",
    };

    /// <summary>The names of what the test's namespace has of a resource.</summary>
    protected async Task<IReadOnlyList<string>> NamesAsync(string resource) =>
        [.. (await Server.GetAsync(NamespacedPath(resource), CancellationToken)).EnsureSuccess().Json["items"]!.AsArray()
            .Select(item => (string)item!["metadata"]!["name"]!)];

    protected async Task<IReadOnlyList<AgentTask>> TasksAsync()
    {
        var answer = await Server.GetAsync($"/apis/octopoid.dev/v1alpha1/namespaces/{Namespace}/agenttasks", CancellationToken);
        return JsonSerializer.Deserialize(answer.EnsureSuccess().Body, KindsJson.Default.AgentTaskList)!.Items;
    }

    protected async Task<AgentBlueprint> BlueprintAsync()
    {
        var answer = await Server.GetAsync(
            $"/apis/octopoid.dev/v1alpha1/namespaces/{Namespace}/agentblueprints/implementer", CancellationToken);
        return JsonSerializer.Deserialize(answer.EnsureSuccess().Body, KindsJson.Default.AgentBlueprint)!;
    }

    protected async Task<AgentOrchestratorStatus?> OrchestratorStatusAsync() => (await OrchestratorAsync()).Status;

    protected async Task<AgentOrchestrator> OrchestratorAsync()
    {
        var answer = await Server.GetAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", CancellationToken);
        return JsonSerializer.Deserialize(answer.EnsureSuccess().Body, KindsJson.Default.AgentOrchestrator)!;
    }

    /// <summary>The name of the operator that leads; empty when none does.</summary>
    protected async Task<string> HolderAsync()
    {
        var lease = await Server.GetAsync(
            $"/apis/coordination.k8s.io/v1/namespaces/{ControlPlane.OperatorNamespace}/leases/octopoid-operator", CancellationToken);
        return ((string?)lease.Json["spec"]?["holderIdentity"] ?? "").Split('_')[0];
    }

    protected System.Threading.Tasks.Task UntilDoneAsync(int count, int seconds = 60) => UntilAsync(
        async () => (await TasksAsync()).Count(task => task.Status?.State == FlowStates.Done) == count, $"{count} tasks are done", seconds);

    /// <summary>What the garbage collector does for objects that are deleted in the foreground: the pods, then the Job itself.</summary>
    protected async Task CollectGarbageAsync()
    {
        foreach (var job in (await Server.GetAsync(NamespacedPath("jobs"), CancellationToken)).EnsureSuccess().Json["items"]!.AsArray())
        {
            if (job!["metadata"]!["deletionTimestamp"] is not null)
            {
                var name = (string)job["metadata"]!["name"]!;
                await Server.SendAsync(
                    HttpMethod.Delete, NamespacedPath($"pods/{name}-pod"), """{"gracePeriodSeconds":0}""", "application/json", CancellationToken);
                await Server.SendAsync(
                    HttpMethod.Patch, NamespacedPath($"jobs/{name}"), """{"metadata":{"finalizers":null}}""", "application/merge-patch+json", CancellationToken);
            }
        }
    }

    protected static System.Threading.Tasks.Task Pause(int milliseconds) =>
        System.Threading.Tasks.Task.Delay(TimeSpan.FromMilliseconds(milliseconds), TimeProvider.System, CancellationToken);

    protected static void WriteLine(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    protected System.Threading.Tasks.Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 60) => UntilAsync(condition, () => what, seconds);

    /// <summary>Waits for something; what it is, is asked when it has not come.</summary>
    protected async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, int seconds = 60)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromSeconds(seconds))
            {
                Assert.Fail($"Not within {seconds} s: {what()}.\n{_operator?.LastLines()}");
            }

            await System.Threading.Tasks.Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, CancellationToken);
        }
    }
}
