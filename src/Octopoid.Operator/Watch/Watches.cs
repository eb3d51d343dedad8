using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Loop;

namespace Octopoid.Operator.Watch;

/// <summary>Runs every informer, leader or not, and turns what they see into facts for a leader's inbox.</summary>
internal sealed class Watches : BackgroundService
{
    private const string Managed = Labels.Managed + "=" + Labels.ManagedValue;

    private readonly List<Entry> _informers = [];
    private readonly LeaderElector _elector;

    public Watches(
        ApiTransport transport, LeaderElector elector, TimeProvider time, Jitter jitter, FailureLog failures, ILoggerFactory loggers)
    {
        _elector = elector;
        var json = ObservedJson.Default;
        // In this order a new leader is told of what is: what tasks refer to, tasks, what serves them.
        Blueprints = Add<AgentBlueprint>(
            new(ResourcePaths.Blueprints, json.AgentBlueprint, json.BlueprintList, blueprint => Identity(blueprint.Metadata)),
            change => new Fact.BlueprintSeen(change.Previous, change.Current));
        Orchestrators = Add<AgentOrchestrator>(
            new(ResourcePaths.Orchestrators, json.AgentOrchestrator, json.OrchestratorList, orchestrator => Identity(orchestrator.Metadata)),
            change => new Fact.OrchestratorSeen(change.Current));
        Flows = Add<AgentFlow>(
            new(ResourcePaths.Flows, json.AgentFlow, json.FlowList, flow => Identity(flow.Metadata)),
            change => new Fact.FlowSeen(change.Previous, change.Current));
        Repositories = Add<AgentRepository>(
            new(ResourcePaths.Repositories, json.AgentRepository, json.RepositoryList, repository => Identity(repository.Metadata)),
            change => new Fact.RepositorySeen(change.Previous, change.Current));
        Tasks = Add<ObservedTask>(
            new(ResourcePaths.Tasks, json.ObservedTask, json.TaskList, task => Identity(task.Metadata)),
            change => new Fact.TaskSeen(change.Previous, change.Current));
        Jobs = Add<ObservedJob>(
            new(ResourcePaths.Jobs, json.ObservedJob, json.JobList, job => Identity(job.Metadata)) { LabelSelector = Managed },
            change => new Fact.JobSeen(change.Previous, change.Current));
        Pods = Add<ObservedPod>(
            new(ResourcePaths.Pods, json.ObservedPod, json.PodList, pod => Identity(pod.Metadata)) { LabelSelector = Managed },
            change => new Fact.PodSeen(change.Previous, change.Current));

        Informer<T> Add<T>(WatchedResource<T> resource, Func<ObjectChange<T>, Fact> fact)
            where T : class
        {
            var informer = new Informer<T>(transport, resource, time, jitter, failures, loggers.CreateLogger<Informer<T>>());
            _informers.Add(new Entry(
                resource.Path,
                informer.Synced,
                () => informer.Failure,
                informer.RelistAsync,
                inbox => informer.Register(changes => inbox.Post(changes.Select(fact))),
                informer.RunAsync));
            return informer;
        }
    }

    /// <summary>The tasks.</summary>
    public Informer<ObservedTask> Tasks { get; }

    /// <summary>The blueprints.</summary>
    public Informer<AgentBlueprint> Blueprints { get; }

    /// <summary>The orchestrators: one at most.</summary>
    public Informer<AgentOrchestrator> Orchestrators { get; }

    /// <summary>The flows.</summary>
    public Informer<AgentFlow> Flows { get; }

    /// <summary>The repositories.</summary>
    public Informer<AgentRepository> Repositories { get; }

    /// <summary>The Jobs that are ours by their label.</summary>
    public Informer<ObservedJob> Jobs { get; }

    /// <summary>The pods that are ours by their label.</summary>
    public Informer<ObservedPod> Pods { get; }

    /// <summary>The resources whose first whole list has not come yet, each with what prevents it, if something does.</summary>
    public IReadOnlyList<(ResourcePath Resource, string? Failure)> Unsynced() =>
        [.. _informers.Where(entry => !entry.Synced.IsCompletedSuccessfully).Select(entry => (entry.Path, entry.Failure()))];

    /// <summary>Tells an inbox of all that is so now, by lists begun after this call, and of every change from then on.</summary>
    /// <remarks>Whoever begins to lead needs this: the leader before may have written what no watch has brought yet.</remarks>
    /// <param name="inbox">The inbox.</param>
    /// <param name="cancellationToken">Ends the wait for the lists.</param>
    /// <returns>Disposed, it ends the telling.</returns>
    public async Task<IDisposable> FeedAsync(Inbox inbox, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_informers.Select(entry => entry.RelistAsync(cancellationToken))).ConfigureAwait(false);
        return Register(inbox);
    }

    /// <summary>Tells an inbox of all that is known, and of every change from then on.</summary>
    /// <param name="inbox">The inbox.</param>
    /// <returns>Disposed, it ends the telling.</returns>
    internal IDisposable Register(Inbox inbox) => new Feed([.. _informers.Select(entry => entry.Register(inbox))]);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Who leads at once lists once, for the term. Who does not keeps a warm cache.
        await _elector.Stood.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // An informer that ends by itself has failed: better no process than a deaf one.
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var runs = _informers.Select(entry => entry.RunAsync(stop.Token)).ToList();
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

    /// <summary>An informer, whatever it watches.</summary>
    private sealed record Entry(
        ResourcePath Path,
        Task Synced,
        Func<string?> Failure,
        Func<CancellationToken, Task> RelistAsync,
        Func<Inbox, IDisposable> Register,
        Func<CancellationToken, Task> RunAsync);

    private sealed class Feed(IReadOnlyList<IDisposable> registrations) : IDisposable
    {
        public void Dispose()
        {
            foreach (var registration in registrations)
            {
                registration.Dispose();
            }
        }
    }
}
