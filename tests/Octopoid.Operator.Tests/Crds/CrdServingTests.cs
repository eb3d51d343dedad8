using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Crds;

/// <summary>What a real API server makes of our objects: defaults and subresources.</summary>
public sealed class CrdServingTests(ControlPlaneFixture fixture)
{
    private const string Blueprint = """
        {"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentBlueprint","metadata":{"name":"implementer"},
         "spec":{"image":"a","role":"implementer","model":"large","scripts":{"inline":{"run":"exit 0"}}}}
        """;

    private readonly ControlPlane _server = fixture.ControlPlane;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_task_shows_its_state_without_a_write()
    {
        var tasks = $"{await NamespaceAsync()}/agenttasks";
        await PostAsync(tasks, """
            {"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentTask","metadata":{"name":"t"},
             "spec":{"prompt":"p"},"status":{"state":"done"}}
            """);

        var task = JsonSerializer.Deserialize((await _server.GetAsync($"{tasks}/t", CancellationToken)).Body, KindsJson.Default.AgentTask)!;

        Assert.Equal(FlowStates.Incoming, task.Status!.State);
        Assert.Equal(1, task.Metadata.Generation);
    }

    [Fact]
    public async Task Defaults_of_the_server_are_those_of_the_records()
    {
        var root = await NamespaceAsync();
        var blueprint = await PostAsync($"{root}/agentblueprints", Blueprint);
        var task = await PostAsync(
            $"{root}/agenttasks",
            """{"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentTask","metadata":{"name":"t"},"spec":{"prompt":"p"}}""");
        var repository = await PostAsync(
            $"{root}/agentrepositories",
            """{"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentRepository","metadata":{"name":"r"},"spec":{"url":"file:///r"}}""");
        var orchestrator = await PostAsync(
            "/apis/octopoid.dev/v1alpha1/agentorchestrators?dryRun=All",
            """{"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentOrchestrator","metadata":{"name":"default"}}""");

        Same(new AgentTaskSpec { Prompt = "p" }, KindsJson.Default.AgentTaskSpec, task);
        Same(new AgentRepositorySpec { Url = "file:///r" }, KindsJson.Default.AgentRepositorySpec, repository);
        Same(new AgentOrchestratorSpec(), KindsJson.Default.AgentOrchestratorSpec, orchestrator);
        Same(
            new AgentBlueprintSpec
            {
                Role = "implementer",
                Model = "large",
                Image = "a",
                Scripts = new() { Inline = new Dictionary<string, string> { ["run"] = "exit 0" } },
            },
            KindsJson.Default.AgentBlueprintSpec,
            blueprint);

        static void Same<T>(T expected, JsonTypeInfo<T> type, JsonNode served) =>
            Assert.True(
                JsonNode.DeepEquals(JsonSerializer.SerializeToNode(expected, type), served["spec"]),
                $"The record says {JsonSerializer.Serialize(expected, type)}, the server {served["spec"]!.ToJsonString()}.");
    }

    [Theory]
    [InlineData("PATCH", """{"spec":{"replicas":5}}""")]
    [InlineData(
        "PUT",
        """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"implementer","namespace":"NS"},"spec":{"replicas":5}}""")]
    public async Task Scaling_sets_the_number_of_instances(string method, string body)
    {
        var root = await NamespaceAsync();
        await PostAsync($"{root}/agentblueprints", Blueprint);
        var blueprint = $"{root}/agentblueprints/implementer";
        const string Status = """{"status":{"instances":2,"selector":"octopoid.dev/blueprint=implementer"}}""";
        (await PatchAsync($"{blueprint}/status", Status)).EnsureSuccess();

        var scale = await _server.SendAsync(
            new HttpMethod(method),
            $"{blueprint}/scale",
            body.Replace("NS", root.Split('/')[^1], StringComparison.Ordinal),
            method == "PUT" ? "application/json" : "application/merge-patch+json",
            CancellationToken);

        Assert.Equal(2, (int)scale.EnsureSuccess().Json["status"]!["replicas"]!);
        Assert.Equal("octopoid.dev/blueprint=implementer", (string?)scale.Json["status"]!["selector"]);
        Assert.Equal(5, (int)(await _server.GetAsync(blueprint, CancellationToken)).Json["spec"]!["maxInstances"]!);
    }

    private async Task<string> NamespaceAsync() =>
        $"/apis/octopoid.dev/v1alpha1/namespaces/{await fixture.ControlPlane.CreateNamespaceAsync(CancellationToken)}";

    private async Task<JsonNode> PostAsync(string path, string body) =>
        (await _server.SendAsync(HttpMethod.Post, path, body, "application/json", CancellationToken)).EnsureSuccess().Json;

    private Task<ApiAnswer> PatchAsync(string path, string patch) =>
        _server.SendAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json", CancellationToken);
}
