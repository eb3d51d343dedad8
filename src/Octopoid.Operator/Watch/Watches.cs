using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Loop;

namespace Octopoid.Operator.Watch;

/// <summary>Runs every informer, and turns what they see into facts in the loop's inbox.</summary>
internal sealed class Watches : BackgroundService
{
    private const string Managed = Labels.Managed + "=" + Labels.ManagedValue;

    private readonly (ResourcePath Path, Task Synced, Func<CancellationToken, Task> Run)[] _informers;

    public Watches(ApiTransport transport, Inbox inbox, TimeProvider time, Jitter jitter, FailureLog failures, ILoggerFactory loggers)
    {
        var json = ObservedJson.Default;
        Tasks = Make<ObservedTask>(
            new(ResourcePaths.Tasks, json.ObservedTask, json.TaskList, task => Identity(task.Metadata)),
            change => new Fact.TaskSeen(change.Previous, change.Current));
        Blueprints = Make<AgentBlueprint>(
            new(ResourcePaths.Blueprints, json.AgentBlueprint, json.BlueprintList, blueprint => Identity(blueprint.Metadata)),
            change => new Fact.BlueprintSeen(change.Previous, change.Current));
        Orchestrators = Make<AgentOrchestrator>(
            new(ResourcePaths.Orchestrators, json.AgentOrchestrator, json.OrchestratorList, orchestrator => Identity(orchestrator.Metadata)),
            change => new Fact.OrchestratorSeen(change.Current));
        var flows = Make<AgentFlow>(
            new(ResourcePaths.Flows, json.AgentFlow, json.FlowList, flow => Identity(flow.Metadata)),
            change => new Fact.FlowSeen(change.Previous, change.Current));
        var repositories = Make<AgentRepository>(
            new(ResourcePaths.Repositories, json.AgentRepository, json.RepositoryList, repository => Identity(repository.Metadata)),
            change => new Fact.RepositorySeen(change.Previous, change.Current));
        Jobs = Make<ObservedJob>(
            new(ResourcePaths.Jobs, json.ObservedJob, json.JobList, job => Identity(job.Metadata)) { LabelSelector = Managed },
            change => new Fact.JobSeen(change.Previous, change.Current));
        var pods = Make<ObservedPod>(
            new(ResourcePaths.Pods, json.ObservedPod, json.PodList, pod => Identity(pod.Metadata)) { LabelSelector = Managed },
            change => new Fact.PodSeen(change.Previous, change.Current));
        _informers =
        [
            (ResourcePaths.Tasks, Tasks.Synced, Tasks.RunAsync),
            (ResourcePaths.Blueprints, Blueprints.Synced, Blueprints.RunAsync),
            (ResourcePaths.Orchestrators, Orchestrators.Synced, Orchestrators.RunAsync),
            (ResourcePaths.Flows, flows.Synced, flows.RunAsync),
            (ResourcePaths.Repositories, repositories.Synced, repositories.RunAsync),
            (ResourcePaths.Jobs, Jobs.Synced, Jobs.RunAsync),
            (ResourcePaths.Pods, pods.Synced, pods.RunAsync),
        ];

        Informer<T> Make<T>(WatchedResource<T> resource, Func<ObjectChange<T>, Fact> fact)
            where T : class
        {
            var informer = new Informer<T>(transport, resource, time, jitter, failures, loggers.CreateLogger<Informer<T>>());
            informer.Register(changes => inbox.Post(changes.Select(fact)));
            return informer;
        }
    }

    /// <summary>The tasks.</summary>
    public Informer<ObservedTask> Tasks { get; }

    /// <summary>The blueprints.</summary>
    public Informer<AgentBlueprint> Blueprints { get; }

    /// <summary>The Jobs.</summary>
    public Informer<ObservedJob> Jobs { get; }

    /// <summary>The orchestrators: one at most.</summary>
    public Informer<AgentOrchestrator> Orchestrators { get; }

    /// <summary>Completes when the first whole list of every resource is in the inbox. Nothing may be decided before.</summary>
    public Task Synced => Task.WhenAll(_informers.Select(informer => informer.Synced));

    /// <summary>The resources whose first whole list has not come yet.</summary>
    public IReadOnlyList<string> Unsynced() =>
        [.. _informers.Where(informer => !informer.Synced.IsCompletedSuccessfully).Select(informer => informer.Path.ToString())];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // An informer that ends by itself has failed: better no process than a deaf one.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var runs = _informers.Select(informer => informer.Run(stop.Token)).ToList();
        await Task.WhenAny(runs).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(runs).ConfigureAwait(false);
    }

    private static ObjectIdentity Identity(ObjectMeta metadata) =>
        new(metadata.Namespace ?? "", metadata.Name, metadata.Uid, metadata.ResourceVersion);

    private static ObjectIdentity Identity(ObservedMeta metadata) =>
        new(metadata.Namespace ?? "", metadata.Name, metadata.Uid, metadata.ResourceVersion);

    private static ObjectIdentity Identity(ObservedChildMeta metadata) =>
        new(metadata.Namespace ?? "", metadata.Name, metadata.Uid, metadata.ResourceVersion);
}
