using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Cli.Cluster;

/// <summary>Reads and changes what the operator works by: its five kinds, pods, the Lease.</summary>
/// <param name="transport">Where requests go.</param>
/// <param name="namespaceName">The namespace; null: all.</param>
internal sealed class PoolClient(IApiTransport transport, string? namespaceName)
{
    /// <summary>As kubectl: a page must not grow without end.</summary>
    private const int PageSize = 500;

    private static readonly ResourcePath Tasks = new(ApiGroup.Name, ApiGroup.Version, AgentTask.Plural);
    private static readonly ResourcePath Blueprints = new(ApiGroup.Name, ApiGroup.Version, AgentBlueprint.Plural);
    private static readonly ResourcePath Flows = new(ApiGroup.Name, ApiGroup.Version, AgentFlow.Plural);
    private static readonly ResourcePath Repositories = new(ApiGroup.Name, ApiGroup.Version, AgentRepository.Plural);
    private static readonly ResourcePath Orchestrators = new(ApiGroup.Name, ApiGroup.Version, AgentOrchestrator.Plural);
    private static readonly ResourcePath Leases = new("coordination.k8s.io", "v1", "leases");
    private static readonly ResourcePath Pods = new("", "v1", "pods");

    /// <summary>The namespace; null: all.</summary>
    public string? Namespace => namespaceName;

    public Task<IReadOnlyList<AgentTask>> TasksAsync(CancellationToken token) =>
        ListAsync(Tasks, KindsJson.Default.AgentTaskList, list => list.Items, list => list.Metadata.Continue, token);

    public Task<IReadOnlyList<AgentBlueprint>> BlueprintsAsync(CancellationToken token) =>
        ListAsync(Blueprints, KindsJson.Default.AgentBlueprintList, list => list.Items, list => list.Metadata.Continue, token);

    public Task<IReadOnlyList<AgentFlow>> FlowsAsync(CancellationToken token) =>
        ListAsync(Flows, KindsJson.Default.AgentFlowList, list => list.Items, list => list.Metadata.Continue, token);

    public Task<IReadOnlyList<AgentRepository>> RepositoriesAsync(CancellationToken token) =>
        ListAsync(Repositories, KindsJson.Default.AgentRepositoryList, list => list.Items, list => list.Metadata.Continue, token);

    /// <summary>One task.</summary>
    public Task<AgentTask> TaskAsync(string name, CancellationToken token) =>
        transport.GetAsync(Tasks.Object(namespaceName, name), KindsJson.Default.AgentTask, token);

    /// <summary>The orchestrator; null where there is none, or the caller may not read it.</summary>
    public Task<AgentOrchestrator?> OrchestratorAsync(CancellationToken token) => IfAllowedAsync(
        () => transport.GetAsync(Orchestrators.Object(null, AgentOrchestrator.SingletonName), KindsJson.Default.AgentOrchestrator, token));

    /// <summary>The Leases that elect operators; null where the caller may not read them.</summary>
    public Task<JsonObject?> LeasesAsync(CancellationToken token) => IfAllowedAsync(
        () => transport.GetAsync($"{Leases.Collection(null)}?fieldSelector=metadata.name%3Doctopoid-operator", CliJson.Default.JsonObject, token));

    /// <summary>The pods of a task.</summary>
    public async Task<IReadOnlyList<JsonObject>> PodsOfAsync(AgentTask task, CancellationToken token)
    {
        var selector = Uri.EscapeDataString($"{Labels.TaskUid}={task.Metadata.Uid}");
        var list = await transport.GetAsync($"{Pods.Collection(task.Metadata.Namespace)}?labelSelector={selector}", CliJson.Default.JsonObject, token).ConfigureAwait(false);
        return [.. list["items"]!.AsArray().OfType<JsonObject>()];
    }

    /// <summary>Makes a task.</summary>
    public Task<AgentTask> CreateAsync(AgentTask task, CancellationToken token) => transport.PostAsync(
        Tasks.Collection(namespaceName), JsonSerializer.SerializeToUtf8Bytes(task, KindsJson.Default.AgentTask), KindsJson.Default.AgentTask, token);

    /// <summary>Changes the spec of a task, of that version alone where one is given.</summary>
    public Task<AgentTask> PatchTaskAsync(string name, JsonObject spec, string? resourceVersion, CancellationToken token) =>
        PatchAsync(Tasks.Object(namespaceName, name), spec, resourceVersion, KindsJson.Default.AgentTask, token);

    /// <summary>Changes the spec of a blueprint.</summary>
    public Task<AgentBlueprint> PatchBlueprintAsync(string name, JsonObject spec, CancellationToken token) =>
        PatchAsync(Blueprints.Object(namespaceName, name), spec, null, KindsJson.Default.AgentBlueprint, token);

    /// <summary>Changes the spec of the orchestrator.</summary>
    public Task<AgentOrchestrator> PatchOrchestratorAsync(JsonObject spec, CancellationToken token) =>
        PatchAsync(Orchestrators.Object(null, AgentOrchestrator.SingletonName), spec, null, KindsJson.Default.AgentOrchestrator, token);

    private Task<T> PatchAsync<T>(string path, JsonObject spec, string? resourceVersion, JsonTypeInfo<T> json, CancellationToken token)
    {
        var body = new JsonObject { ["spec"] = spec };
        if (resourceVersion is not null)
        {
            body["metadata"] = new JsonObject { ["resourceVersion"] = resourceVersion };
        }

        return transport.MergePatchAsync(path, JsonSerializer.SerializeToUtf8Bytes(body, CliJson.Default.JsonObject), json, token);
    }

    private async Task<IReadOnlyList<T>> ListAsync<T, TList>(
        ResourcePath resource, JsonTypeInfo<TList> json, Func<TList, IReadOnlyList<T>> items, Func<TList, string?> next, CancellationToken token)
    {
        var all = new List<T>();
        string? more = null;
        do
        {
            var query = $"?limit={PageSize}{(more is null ? "" : $"&continue={Uri.EscapeDataString(more)}")}";
            var page = await transport.GetAsync(resource.Collection(namespaceName) + query, json, token).ConfigureAwait(false);
            all.AddRange(items(page));
            more = next(page);
        }
        while (!string.IsNullOrEmpty(more));
        return all;
    }

    private static async Task<T?> IfAllowedAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read().ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound || e.Code == System.Net.HttpStatusCode.Forbidden)
        {
            return null;
        }
    }
}
