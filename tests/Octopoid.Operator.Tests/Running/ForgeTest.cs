using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Models;
using Octopoid.Core.Kinds;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Running;

/// <summary>A pool whose agents open pull requests in the repository <c>acme/widgets</c> of a forge.</summary>
public abstract class ForgeTest(SharedControlPlane fixture) : PoolTest(fixture)
{
    protected const string Token = "ghp_thisMustNotBeSeenAnywhere0123456789ab";

    /// <summary>The numbers of pull requests that agents have opened, by task.</summary>
    protected ConcurrentDictionary<string, long> Opened { get; } = new();

    protected TestForge Forge { get; private set; } = null!;

    protected ForgeRepository Code { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        Forge = await TestForge.StartAsync(TimeProvider.System);
        Forge.AddToken(Token, label: "operator");
        Code = Forge.Add("acme", "widgets");
    }

    public override async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await base.DisposeAsync();
        await Forge.DisposeAsync();
    }

    /// <summary>What an agent does: it opens a pull request, and tells of it or not.</summary>
    protected string Open(V1Job job, bool isRecorded)
    {
        var task = job.Metadata.Labels[Labels.Task];
        var number = Opened.GetOrAdd(task, name => Code.Open($"agent/{name}"));
        var sha = Code[number].HeadSha;
        return isRecorded
            ? $$"""{"outcome":"done","commits":1,"branch":"agent/{{task}}","headSHA":"{{sha}}","pullRequest":{"url":"https://forge.invalid/acme/widgets/pull/{{number}}","number":{{number}} } }"""
            : $$"""{"outcome":"done","commits":1,"branch":"agent/{{task}}","headSHA":"{{sha}}"}""";
    }

    protected void MergeFirst()
    {
        if (Code.PullRequests.FirstOrDefault(pull => pull.IsOpen) is { } first)
        {
            Code.Merge(first.Number);
        }
    }

    protected static IEnumerable<string> Names(int count) => Enumerable.Range(1, count).Select(number => $"t{number}");

    protected static string Orchestrator(int maxOpenPRs) =>
        $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {{name: default}}, spec: {{maxConcurrent: 10, maxOpenPRs: {maxOpenPRs}}}}}";

    protected static string Secret(string token) => $"{{apiVersion: v1, kind: Secret, metadata: {{name: forge}}, stringData: {{token: \"{token}\"}}}}";

    protected string Repository(ForgeFormat format = ForgeFormat.GitHub, int pollSeconds = 1) =>
        "{apiVersion: octopoid.dev/v1alpha1, kind: AgentRepository, metadata: {name: code}, spec: {url: 'https://forge.invalid/acme/widgets', "
        + $"provider: {format.ToString().ToLowerInvariant()}, apiUrl: '{Forge.ApiRootOf(format)}', apiSecretName: forge, "
        + $"pullRequests: {{maxOpen: 5, pollSeconds: {pollSeconds}, staleAfterSeconds: {60 * pollSeconds}}}}}}}";

    /// <summary>Waits until the forge was asked so often more.</summary>
    protected async Task CountsAsync(int more)
    {
        var before = Forge.Requests.Count;
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(Forge.Requests.Count >= before + more), $"{more} more counts");
    }

    protected async Task<AgentRepositoryStatus> RepositoryAsync() =>
        JsonSerializer.Deserialize(
            (await Server.GetAsync(NamespacedPath("agentrepositories/code"), CancellationToken)).EnsureSuccess().Body, KindsJson.Default.AgentRepository)!.Status
        ?? new AgentRepositoryStatus();

    protected async Task<IReadOnlyList<JsonNode>> EventsAsync() =>
        [.. (await Server.GetAsync($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", CancellationToken)).EnsureSuccess().Json["items"]!.AsArray()
            .OfType<JsonNode>()];

    /// <summary>The token is in its Secret alone.</summary>
    protected async Task AssertNoTokenAsync()
    {
        foreach (var resource in new[] { "agenttasks", "agentblueprints", "agentrepositories", "agentflows", "jobs", "pods" })
        {
            Assert.DoesNotContain("ghp_", (await Server.GetAsync(NamespacedPath(resource), CancellationToken)).EnsureSuccess().Body, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("ghp_", string.Concat((await EventsAsync()).Select(told => told.ToJsonString())), StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_", OperatorLog(), StringComparison.Ordinal);
    }
}
