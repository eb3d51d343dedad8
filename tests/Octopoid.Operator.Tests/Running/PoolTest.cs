using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>A namespace of its own on a real API server, and operators' processes with the rights that the chart gives them.</summary>
public abstract class PoolTest(PoolTest.OwnControlPlane fixture) : IClassFixture<PoolTest.OwnControlPlane>, IAsyncLifetime
{
    protected const string Done = """{"outcome":"done","commits":1,"branch":"agent/x","headSHA":"abc"}""";

    private readonly TemporaryFolder _folder = new("octopoid-pool-");
    private OperatorProcess? _operator;

    protected ControlPlane Server { get; } = fixture.ControlPlane;

    protected string Namespace { get; private set; } = "";

    protected static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        Namespace = await fixture.CreateNamespaceAsync(CancellationToken);
        await ApplyAsync("{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 5}}");
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(_operator?.LastLines() ?? "");
        }

        // What this test leaves unfinished would hold slots in the next one's operator; and that one need not wait for a Lease given up.
        await (_operator?.StopAsync(System.Threading.CancellationToken.None) ?? System.Threading.Tasks.Task.CompletedTask);
        await KillOperatorAsync();
        await Server.KubectlAsync(
            null, System.Threading.CancellationToken.None, "-n", Namespace, "delete", "agenttasks,jobs,pods", "--all", "--force", "--grace-period=0");
        await _folder.DisposeAsync();
    }

    protected static string Blueprint(int maxInstances, string more = "") =>
        "{apiVersion: octopoid.dev/v1alpha1, kind: AgentBlueprint, metadata: {name: implementer}, "
        + $"spec: {{image: agent, maxInstances: {maxInstances}, scripts: {{inline: {{run: exit 0}}}}{more}}}}}";

    protected static string Task(string name, string more = "") =>
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentTask, metadata: {{name: {name}}}, spec: {{prompt: Do it.{more}}}}}";

    protected void StartOperator() => _operator = StartReplica("operator", leaseSeconds: 3);

    protected OperatorProcess StartReplica(string name, int leaseSeconds) =>
        OperatorProcess.Start(Server.OperatorKubeconfigPath, _folder.Combine($"{name}.log"), name, leaseSeconds);

    protected ValueTask KillOperatorAsync() => _operator?.DisposeAsync() ?? ValueTask.CompletedTask;

    protected async Task ApplyAsync(params string[] objects)
    {
        var (code, output) = await Server.KubectlAsync(
            "---\n" + string.Join("\n---\n", objects), CancellationToken, "-n", Namespace, "apply", "--validate=false", "-f", "-");
        Assert.True(code == 0, output);
    }

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

    protected async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(
                TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(60), $"Not within a minute: {what}.\n{_operator?.LastLines()}");
            await System.Threading.Tasks.Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken);
        }
    }

    public sealed class OwnControlPlane : ControlPlaneFixture
    {
        protected override async Task PrepareAsync(CancellationToken cancellationToken)
        {
            var (code, output) = await ControlPlane.KubectlAsync(
                await Chart.RenderAsync("rbac.yaml", cancellationToken), cancellationToken, "apply", "--validate=false", "-f", "-");
            Assert.True(code == 0, output);
        }
    }
}
