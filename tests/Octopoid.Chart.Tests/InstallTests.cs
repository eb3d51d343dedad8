using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>A real API server takes what the chart renders.</summary>
public sealed class InstallTests(InstallTests.Server server) : IClassFixture<InstallTests.Server>
{
    private static readonly string Everything = Path.Combine(AppContext.BaseDirectory, "Cases", "everything.yaml");

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_install_by_default_makes_all_that_an_operator_needs()
    {
        await ApplyAsync("--validate=true");

        var orchestrator = (await server.ControlPlane.GetAsync("/apis/octopoid.dev/v1alpha1/agentorchestrators/default", CancellationToken)).EnsureSuccess().Json;
        Assert.Equal((3, 10), ((int)orchestrator["spec"]!["maxConcurrent"]!, (int)orchestrator["spec"]!["maxOpenPRs"]!));
        Assert.Equal(86400, (int)orchestrator["spec"]!["retention"]!["jobSeconds"]!);
    }

    [Theory]
    [InlineData("--set", "watchNamespaces={work,play}")]
    [InlineData("--set", "watchNamespaces={default}")]
    [InlineData("--set", "orchestrator.create=false")]
    [InlineData("--set", "orchestrator.maxOpenPRs=null", "--set", "orchestrator.maxConcurrent=null")]
    [InlineData("--set", "orchestrator.paused=true", "--set", "orchestrator.retention.doneSeconds=0")]
    [InlineData("--set", "replicas=1")]
    [InlineData("--set", "rbac.create=false", "--set", "rbac.aggregate=false", "--set", "serviceAccount.create=false")]
    [InlineData("--set", "rbac.anySecret=true")]
    [InlineData("--set", "rbac.secrets.work={app-api,lib-api}", "--set", "rbac.secrets.play={api}")]
    [InlineData("--set", "networkPolicy.operator.enabled=false")]
    [InlineData("--set", "networkPolicy.operator.egress.enabled=true")]
    [InlineData("--set", "networkPolicy.operator.egress.enabled=true", "--set", "networkPolicy.operator.egress.cidrs={0.0.0.0/0,::/0}")]
    [InlineData("--set", "networkPolicy.agents.namespaces={work,play}", "--set", "networkPolicy.agents.apiServerCidrs={10.96.0.1/32}")]
    [InlineData("--set", "networkPolicy.agents.namespaces={work}", "--set", "networkPolicy.agents.blockedCidrs={}")]
    [InlineData("--set", "resourceQuotas.work.pods=3", "--set", @"resourceQuotas.play.limits\.memory=8Gi")]
    [InlineData("--set", "strategy.type=Recreate", "--set", "revisionHistoryLimit=0")]
    [InlineData("--set", "podDisruptionBudget.enabled=false")]
    [InlineData("--set", "metrics.service.enabled=true", "--set", "dashboard.enabled=true")]
    [InlineData("--set", "fullnameOverride=agents", "--set", "nameOverride=pool")]
    public async Task The_server_takes_what_values_make_of_it(params string[] options) =>
        await ApplyAsync("--dry-run=server", options);

    [Fact]
    public async Task The_server_takes_everything_at_once() => await ApplyAsync("--dry-run=server", "-f", Everything);

    [Fact]
    public async Task An_upgrade_leaves_alone_what_the_values_do_not_say()
    {
        await ApplyAsync("--validate=true");
        const string path = "/apis/octopoid.dev/v1alpha1/agentorchestrators/default";
        (await server.ControlPlane.SendAsync(
            HttpMethod.Patch, path, """{"spec":{"paused":true}}""", "application/merge-patch+json", CancellationToken)).EnsureSuccess();

        await ApplyAsync("--validate=true", "--set", "orchestrator.maxConcurrent=4");

        var spec = (await server.ControlPlane.GetAsync(path, CancellationToken)).EnsureSuccess().Json["spec"]!;
        Assert.Equal((4, true), ((int)spec["maxConcurrent"]!, (bool)spec["paused"]!));
    }

    [Fact]
    public async Task Helm_keeps_limits_and_a_pause_when_it_would_delete_the_orchestrator() => Assert.Equal(
        "keep", (string)(await Manifests.RenderAsync()).One("AgentOrchestrator", "default")["metadata"]!["annotations"]!["helm.sh/resource-policy"]!);

    [Fact]
    public async Task A_cluster_that_is_too_old_is_refused()
    {
        var (exitCode, _, error) = await Testing.Chart.RunAsync(CancellationToken, "template", "octopoid", "--kube-version", "v1.28.0");

        Assert.Equal(1, exitCode);
        Assert.Contains("kubeVersion", error, StringComparison.Ordinal);
    }

    // The kinds of the Prometheus operator are not on this server.
    private async Task ApplyAsync(string option, params IReadOnlyList<string> values)
    {
        var manifests = Testing.Chart.ForVersion(await Testing.Chart.RenderAsync(CancellationToken, values), server.ControlPlane.Version);
        var list = new JsonArray([.. Manifests.Read(manifests).Where(item => (string)item["apiVersion"]! != "monitoring.coreos.com/v1")]);
        Assert.NotEmpty(list);
        var text = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = list }.ToJsonString();
        var (code, output) = await server.ControlPlane.KubectlAsync(text, CancellationToken, "apply", option, "-f", "-");
        Assert.True(code == 0, output);
        Assert.Equal(list.Count, output.Split('\n').Count(line => line.Contains(" created", StringComparison.Ordinal)
            || line.Contains(" configured", StringComparison.Ordinal) || line.Contains(" unchanged", StringComparison.Ordinal)));
    }

    /// <summary>An API server with our kinds and the namespaces of the tests.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public ControlPlane ControlPlane { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            ControlPlane = await ControlPlane.StartAsync(CancellationToken);
            await ControlPlane.ApplyCrdsAsync(CancellationToken);
            foreach (var name in new[] { ControlPlane.OperatorNamespace, "work", "play" })
            {
                (await ControlPlane.SendAsync(
                    HttpMethod.Post, "/api/v1/namespaces", $$"""{"metadata":{"name":"{{name}}"} }""", "application/json", CancellationToken)).EnsureSuccess();
            }

            // What kubectl holds an orchestrator against comes a moment after the orchestrator is served.
            await ControlPlane.WaitUntilAsync(
                async () => (await ControlPlane.GetAsync("/openapi/v2", CancellationToken)).Body
                    .Contains("dev.octopoid.v1alpha1.AgentOrchestrator", StringComparison.Ordinal),
                "the schemas are not published",
                CancellationToken);
        }

        public async ValueTask DisposeAsync() => await ControlPlane.DisposeAsync();
    }
}
