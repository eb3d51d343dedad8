using System.Text.Json;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Effects;
using Octopoid.Operator.Jobs;
using Octopoid.Operator.Watch;

namespace Octopoid.Benchmarks.Pool;

/// <summary>What the operator is compared with: a loop that sends the same two writes for each task, claim and Job, by the same transport and as the same user, and
/// does nothing else. The bodies are the operator's own, made before the clock starts.</summary>
internal sealed class BareLoop : IDisposable
{
    /// <summary>As the operator's own writes have it: the server gives up after this.</summary>
    private const string Timeout = "?timeout=3000ms";

    private readonly BenchedPool _pool;
    private readonly Connection _connection;

    public BareLoop(BenchedPool pool) => (_pool, _connection) =
        (pool, new Connection(ApiServerConfiguration.Kubeconfig(pool.Server.OperatorKubeconfigPath)));

    /// <summary>Reads the tasks that wait and the blueprint they wait for, and makes the writes that start them.</summary>
    public async Task<IReadOnlyList<Start>> PrepareAsync(CancellationToken cancellationToken)
    {
        var tasks = (await ReadAsync("agenttasks", cancellationToken)).Deserialize(KindsJson.Default.AgentTaskList)!.Items;
        var blueprint = await BlueprintAsync(cancellationToken);
        return [.. Decide(blueprint, tasks)];
    }

    /// <summary>The blueprint that tasks wait for.</summary>
    public async Task<AgentBlueprint> BlueprintAsync(CancellationToken cancellationToken) =>
        (await ReadAsync("agentblueprints/implementer", cancellationToken)).Deserialize(KindsJson.Default.AgentBlueprint)!;

    /// <summary>Has the operator's own admission decide, and makes the writes.</summary>
    public static IEnumerable<Start> Decide(AgentBlueprint blueprint, IReadOnlyList<AgentTask> tasks)
    {
        var now = TimeProvider.System.GetUtcNow();
        var state = new ClusterState();
        state.Apply(new Fact.OrchestratorSeen(new AgentOrchestrator { Spec = new AgentOrchestratorSpec { MaxConcurrent = 100_000 } }), now);
        state.Apply(new Fact.BlueprintSeen(null, blueprint), now);
        foreach (var task in tasks)
        {
            state.Apply(new Fact.TaskSeen(null, ObservedTask.From(task)), now);
        }

        var byUid = tasks.ToDictionary(task => task.Metadata.Uid);
        var scripts = ScriptsConfigMap.For(blueprint, hasRepository: false)!.Name;
        foreach (var claim in AdmissionCycle.Run(state, now).OfType<Decision.Claim>())
        {
            var task = byUid[claim.Slot.TaskUid];
            yield return new Start(
                ResourcePaths.Tasks.Object(task.Metadata.Namespace, task.Metadata.Name, "status") + Timeout,
                MergePatch.StatusBody(task.Metadata.ResourceVersion, ClaimTask.StatusPatch(claim, "bare_" + Guid.Empty.ToString("N"))),
                ResourcePaths.Jobs.Collection(task.Metadata.Namespace) + Timeout,
                JobBuilder.Build(claim.Slot, task, blueprint, null, scripts));
        }
    }

    /// <summary>Sends the writes of many tasks.</summary>
    /// <param name="starts">The writes.</param>
    /// <param name="atOnce">How many tasks are under way at once.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    public Task SendAsync(IEnumerable<Start> starts, int atOnce, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        starts, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancellationToken }, async (start, token) => await SendAsync(start, token));

    /// <summary>Sends the writes of one task.</summary>
    public async Task SendAsync(Start start, CancellationToken cancellationToken)
    {
        await _connection.Transport.MergePatchAsync(start.ClaimPath, start.Claim, KindsJson.Default.AgentTask, cancellationToken);
        await _connection.Transport.PostAsync(start.JobPath, start.Job, ObservedJson.Default.ObservedJob, cancellationToken);
    }

    public void Dispose() => _connection.Dispose();

    private async Task<JsonDocument> ReadAsync(string path, CancellationToken cancellationToken) =>
        JsonDocument.Parse((await _pool.Server.GetAsync(BenchedPool.Path(BenchedPool.BareNamespace, path), cancellationToken)).EnsureSuccess().Body);

    /// <summary>The two writes that start a task.</summary>
    internal sealed record Start(string ClaimPath, byte[] Claim, string JobPath, byte[] Job);
}
