using Octopoid.Operator.Tests.Running;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Crds;

/// <summary>What people see who work with kubectl, on a server of its own: there can be one orchestrator only.</summary>
public sealed class KubectlTests(OwnControlPlane fixture) : IClassFixture<OwnControlPlane>
{
    private const string OneOfEach = """
        apiVersion: octopoid.dev/v1alpha1
        kind: AgentBlueprint
        metadata: {name: implementer}
        spec: {image: a, scripts: {inline: {run: exit 0}}}
        ---
        apiVersion: octopoid.dev/v1alpha1
        kind: AgentTask
        metadata: {name: t}
        spec: {prompt: p}
        ---
        apiVersion: octopoid.dev/v1alpha1
        kind: AgentFlow
        metadata: {name: f}
        spec: {transitions: [{from: incoming, to: done}]}
        ---
        apiVersion: octopoid.dev/v1alpha1
        kind: AgentRepository
        metadata: {name: r}
        spec: {url: "file:///r"}
        ---
        apiVersion: octopoid.dev/v1alpha1
        kind: AgentOrchestrator
        metadata: {name: default}
        """;

    private readonly ControlPlane _server = fixture.ControlPlane;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Get_shows_the_columns_of_each_kind()
    {
        var space = await ApplyAsync(OneOfEach);

        Assert.Equal("NAME ROLE MODEL INSTANCES MAX CLAIMABLE STATE AGE", await HeaderAsync("get", "abp"));
        Assert.Equal("NAME ROLE MODEL INSTANCES MAX CLAIMABLE STATE AGE REASON", await HeaderAsync("get", "agentblueprints", "-o", "wide"));
        Assert.Equal("NAME STATE PRIORITY CLAIMED-BY ATTEMPT AGE", await HeaderAsync("get", "atask"));
        Assert.Equal(
            "NAME STATE PRIORITY CLAIMED-BY ATTEMPT AGE WAITS-FOR REPOSITORY PULL-REQUEST TITLE",
            await HeaderAsync("get", "agenttasks", "-o", "wide"));
        Assert.Equal("NAME READY AGE REASON", await HeaderAsync("get", "aflow", "-o", "wide"));
        Assert.Equal("NAME PROVIDER OPEN RESERVED MAX GATE FRESH READY AGE COUNTED CALLS QUOTA REASON URL", await HeaderAsync("get", "arepo", "-o", "wide"));
        Assert.Equal(
            "NAME RUNNING MAX PENDING OPEN-PRS MAX-PRS PAUSED READY AGE HOLDER VERSION", await HeaderAsync("get", "aorch", "-o", "wide"));

        async Task<string> HeaderAsync(params string[] arguments)
        {
            var header = (await RunAsync(null, ["-n", space, .. arguments])).Split('\n')[0];
            return string.Join(' ', header.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        }
    }

    [Fact]
    public async Task Get_of_the_category_shows_all_kinds()
    {
        var space = await ApplyAsync(OneOfEach);

        var names = (await RunAsync(null, "-n", space, "get", "octopoid", "-o", "name")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            [
                "agentblueprint.octopoid.dev/implementer",
                "agentflow.octopoid.dev/f",
                "agentorchestrator.octopoid.dev/default",
                "agentrepository.octopoid.dev/r",
                "agenttask.octopoid.dev/t",
            ],
            names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Scale_sets_the_number_of_instances()
    {
        var space = await ApplyAsync(OneOfEach);

        await RunAsync(null, "-n", space, "scale", "agentblueprint/implementer", "--replicas=5");

        Assert.Equal("5", await RunAsync(null, "-n", space, "get", "abp", "implementer", "-o", "jsonpath={.spec.maxInstances}"));
    }

    [Fact]
    public async Task Explain_describes_a_field()
    {
        await WaitForOpenApiAsync();

        var explanation = await RunAsync(null, "explain", "agentblueprint.spec.maxInstances");

        Assert.Contains("0 to 100000. Default: 1.", explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_refuses_an_unknown_key()
    {
        await WaitForOpenApiAsync();
        const string Flow = """
            apiVersion: octopoid.dev/v1alpha1
            kind: AgentFlow
            metadata: {name: f}
            spec: {transitions: [{from: incoming, to: done, agnet: implementer}]}
            """;

        var (exitCode, output) = await _server.KubectlAsync(Flow, CancellationToken, "apply", "-f", "-");

        Assert.NotEqual(0, exitCode);
        Assert.Matches("unknown field \".*agnet\"", output);
    }

    private async Task<string> ApplyAsync(string manifests)
    {
        var space = await fixture.ControlPlane.CreateNamespaceAsync(CancellationToken);
        await RunAsync(manifests, "-n", space, "apply", "--validate=false", "-f", "-");
        return space;
    }

    private async Task<string> RunAsync(string? input, params string[] arguments)
    {
        var (exitCode, output) = await _server.KubectlAsync(input, CancellationToken, arguments);
        Assert.True(exitCode == 0, $"kubectl {string.Join(' ', arguments)}: {output}");
        return output;
    }

    // The server publishes what kubectl checks against a moment after it serves a resource.
    private Task WaitForOpenApiAsync() => _server.WaitUntilAsync(
        async () =>
        {
            var published = (await _server.GetAsync("/openapi/v2", CancellationToken)).Body;
            return new[] { "AgentBlueprint", "AgentFlow" }.All(
                kind => published.Contains($"dev.octopoid.v1alpha1.{kind}", StringComparison.Ordinal));
        },
        "the schemas are not published",
        CancellationToken);
}
