using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Testing;
using Octopoid.Testing.Clusters;

[assembly: AssemblyFixture(typeof(Octopoid.EndToEnd.Tests.ClusterFixture))]

// Tests wait for pods and not for a processor: more of them at once than there are cores.
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.All, MaxThreads = 6)]

namespace Octopoid.EndToEnd.Tests;

/// <summary>A real node, our CRDs, the agents' image and the operator's own process; each test works in a namespace of its own.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public const string AgentImage = "octopoid-agent:demo";

    private readonly TemporaryFolder _folder = new("octopoid-e2e-");
    private TestCluster? _cluster;
    private OperatorProcess? _operator;
    private Kubectl _kubectl = null!;
    private Kubectl _plugin = null!;
    private k8s.Kubernetes _api = null!;
    private int _namespaces;

    /// <summary>A folder that has the same path here and on the node.</summary>
    public string SharedFolder => _cluster!.SharedFolder;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _cluster = await TestCluster.StartAsync(CancellationToken);
        await Script.RunAsync(RepositoryRoot.Combine("hack", "image.sh"), ["agent"], CancellationToken);
        await _cluster.LoadImageAsync(AgentImage, CancellationToken);
        var binaries = await KubernetesBinaries.FolderAsync(CancellationToken);
        _kubectl = new Kubectl(Path.Combine(binaries, "kubectl"), _cluster.KubeconfigPath, _folder.Combine("kubectl-cache"));
        _plugin = new Kubectl(Path.Combine(AppContext.BaseDirectory, "kubectl-octopoid"), _cluster.KubeconfigPath, _folder.Combine("kubectl-cache"));
        _api = ClientLibrary.Connect(_cluster.KubeconfigPath);
        await KubectlAsync(null, "apply", "--validate=false", "-f", RepositoryRoot.Combine("crds"));
        await KubectlAsync(null, "wait", "--for=condition=Established", "--timeout=60s", "-f", RepositoryRoot.Combine("crds"));

        // Enough for every test that holds agents while it waits for one more.
        await KubectlAsync(
            "{\"apiVersion\":\"octopoid.dev/v1alpha1\",\"kind\":\"AgentOrchestrator\",\"metadata\":{\"name\":\"default\"},\"spec\":{\"maxConcurrent\":24,\"maxOpenPRs\":100}}",
            "apply", "--validate=false", "-f", "-");
        await KubectlAsync(
            $"{{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{{\"name\":\"{ControlPlane.OperatorNamespace}\"}}}}", "apply", "-f", "-");
        _operator = OperatorProcess.Start(_cluster.KubeconfigPath, _folder.Combine("operator.log"), "operator", leaseSeconds: 15);
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_operator is not null)
        {
            await _operator.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        await _folder.DisposeAsync();
    }

    /// <summary>All that the operator has logged.</summary>
    public string OperatorLog() => _operator!.LastLines(int.MaxValue);

    /// <summary>Makes a namespace that nobody else uses.</summary>
    public async Task<string> CreateNamespaceAsync()
    {
        var name = $"e2e-{Environment.ProcessId}-{Interlocked.Increment(ref _namespaces)}";
        await KubectlAsync(null, "create", "namespace", name);
        return name;
    }

    /// <summary>Applies manifests to a namespace.</summary>
    public Task ApplyAsync(string namespaceName, params string[] manifests) =>
        KubectlAsync("---\n" + string.Join("\n---\n", manifests), "-n", namespaceName, "apply", "--validate=false", "-f", "-");

    /// <summary>Runs the plugin; answers its exit code and all that it wrote.</summary>
    public Task<(int ExitCode, string Output)> PluginAsync(string namespaceName, params string[] arguments) =>
        _plugin.RunAsync(null, CancellationToken, ["-n", namespaceName, .. arguments]);

    /// <summary>Runs kubectl; fails the test when it fails.</summary>
    public async Task<string> KubectlAsync(string? input, params string[] arguments)
    {
        var (code, output) = await _kubectl.RunAsync(input, CancellationToken, arguments);
        Assert.True(code == 0, $"kubectl {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Changes an object's spec.</summary>
    public Task PatchAsync(string namespaceName, string resource, string name, string spec) =>
        KubectlAsync(null, "-n", namespaceName, "patch", resource, name, "--type=merge", "-p", $"{{\"spec\":{spec}}}");

    /// <summary>Speaks a person's word on a task.</summary>
    public Task DecideAsync(string namespaceName, string task, int attempt, string verdict, string comment = "") =>
        PatchAsync(namespaceName, "agenttask", task, $"{{\"decision\":{{\"attempt\":{attempt},\"verdict\":\"{verdict}\",\"comment\":\"{comment}\"}}}}");

    /// <summary>Lets the agents go on that wait for a file named after the namespace.</summary>
    public Task LetGoAsync(string namespaceName) => File.WriteAllTextAsync(Path.Combine(SharedFolder, namespaceName), "", CancellationToken);

    /// <summary>Reads one object of ours. Not by kubectl: whoever asks five times a second must not start a process each time.</summary>
    /// <param name="namespaceName">Its namespace; null for an object of the cluster.</param>
    /// <param name="resource">Its kind's plural.</param>
    /// <param name="name">Its name.</param>
    /// <param name="json">How to read it.</param>
    public async Task<T> GetAsync<T>(string? namespaceName, string resource, string name, JsonTypeInfo<T> json) =>
        JsonSerializer.Deserialize(
            await GetAsync($"apis/octopoid.dev/v1alpha1/{(namespaceName is null ? "" : $"namespaces/{namespaceName}/")}{resource}/{name}"), json)!;

    /// <summary>The pods of a namespace, or of one of its tasks.</summary>
    public async Task<IReadOnlyList<JsonNode>> PodsAsync(string namespaceName, string? task = null)
    {
        var pods = await GetAsync($"api/v1/namespaces/{namespaceName}/pods" + (task is null ? "" : $"?labelSelector=octopoid.dev/task={task}"));
        return [.. pods["items"]!.AsArray().OfType<JsonNode>()];
    }

    /// <summary>Waits until an attempt's agent runs.</summary>
    public Task UntilRunningAsync(string namespaceName, string task, int attempt = 1) => UntilAsync(
        async () => (await PodsAsync(namespaceName, task)).Any(pod =>
            (string?)pod["metadata"]!["labels"]!["octopoid.dev/attempt"] == attempt.ToString(System.Globalization.CultureInfo.InvariantCulture)
            && pod["status"]?["containerStatuses"]?.AsArray().Any(container => container!["state"]?["running"] is not null) == true),
        $"attempt {attempt} of task {task} runs",
        namespaceName);

    /// <summary>Waits until a task says that it waits, and for what.</summary>
    /// <returns>The task, and its sentence.</returns>
    public async Task<(AgentTask Task, string Message)> UntilWaitsAsync(string namespaceName, string name, string reason, int? attempt = null)
    {
        AgentTask task = null!;
        Condition? waits = null;
        await UntilAsync(
            async () =>
            {
                task = await GetAsync(namespaceName, "agenttasks", name, KindsJson.Default.AgentTask);
                waits = task.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Claimable);
                return waits is { Status: ConditionStatus.False } && waits.Reason == reason && (attempt is null || task.Status!.Attempt == attempt);
            },
            $"task {name} waits: {reason}",
            namespaceName);
        return (task, waits!.Message ?? "");
    }

    /// <summary>Waits until nothing of the tasks that a namespace had is left.</summary>
    public Task UntilNoPodsAsync(string namespaceName) => UntilAsync(
        async () => (await PodsAsync(namespaceName)).Count == 0
            && (await GetAsync($"apis/batch/v1/namespaces/{namespaceName}/jobs"))["items"]!.AsArray().Count == 0,
        "Jobs and pods are gone",
        namespaceName);

    /// <summary>Waits until a task is in a state.</summary>
    public async Task<AgentTask> UntilAsync(string namespaceName, string name, string state)
    {
        AgentTask task = null!;
        await UntilAsync(
            async () =>
            {
                task = await GetAsync(namespaceName, "agenttasks", name, KindsJson.Default.AgentTask);
                return task.Status?.State == state || FlowRules.IsTerminal(task.Status?.State ?? "");
            },
            $"task {name} is {state}",
            namespaceName);
        Assert.True(task.Status!.State == state, $"Task {name} is {task.Status.State}: {task.Status.Attempts?[^1].Reason}. {task.Status.Feedback}");
        return task;
    }

    /// <summary>Waits until something is so; says how things stand when it does not come about in four minutes.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what, string namespaceName)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMinutes(4))
            {
                var (_, state) = await _kubectl.RunAsync(null, CancellationToken, ["-n", namespaceName, "get", "agenttasks,jobs,pods", "-o", "wide"]);
                Assert.Fail($"Not within four minutes: {what}.\n{state}\n{_operator?.LastLines()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, CancellationToken);
        }
    }

    /// <summary>The JSON at a path; fails the test where there is none.</summary>
    private async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await _api.HttpClient.GetAsync(new Uri(_api.BaseUri, path), CancellationToken);
        var body = await answer.Content.ReadAsStringAsync(CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"GET {path}: {body}");
        return JsonNode.Parse(body)!;
    }

    /// <summary>Makes a bare repository with one commit on <c>main</c>, which agents can push to.</summary>
    /// <returns>Its folder.</returns>
    public async Task<string> CreateRepositoryAsync(string name)
    {
        var bare = Path.Combine(SharedFolder, "repositories", name + ".git");
        var work = _folder.Combine("work-" + name);
        await GitAsync(_folder.Path, "-c", "init.defaultBranch=main", "init", "--quiet", work);
        await File.WriteAllTextAsync(Path.Combine(work, "README.md"), "# A repository\n", CancellationToken);
        await GitAsync(work, "add", "README.md");
        await GitAsync(work, "-c", "user.name=test", "-c", "user.email=test@octopoid.invalid", "commit", "--quiet", "--message", "Begin");
        Directory.CreateDirectory(Path.GetDirectoryName(bare)!);
        await GitAsync(_folder.Path, "clone", "--quiet", "--bare", work, bare);
        await Script.RunAsync("chmod", ["-R", "a+rwX", bare], CancellationToken);
        return bare;
    }

    /// <summary>Runs git; answers what it wrote.</summary>
    public static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", folder, "-c", "safe.directory=*", .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEndAsync(CancellationToken);
        var error = git.StandardError.ReadToEndAsync(CancellationToken);
        await git.WaitForExitAsync(CancellationToken);
        Assert.True(git.ExitCode == 0, $"git {string.Join(' ', arguments)}: {await error}");
        return (await output).Trim();
    }
}
