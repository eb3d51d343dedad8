using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Loop;

namespace Octopoid.Operator.Watch;

/// <summary>Runs every informer, leader or not, and turns what they see into facts for a leader's inbox.</summary>
internal sealed partial class Watches : BackgroundService
{
    private const string Managed = Labels.Managed + "=" + Labels.ManagedValue;

    /// <summary>Longer than the list of a large pool takes: 10,000 tasks are a few seconds. Of 100,000 it is told once that they are on their way.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan BetweenWarnings = TimeSpan.FromMinutes(1);

    private readonly List<Entry> _informers = [];
    private readonly LeaderElector _elector;
    private readonly TimeProvider _time;
    private readonly FailureLog _failures;
    private readonly ILogger _logger;

    public Watches(
        ApiTransport transport, LeaderElector elector, OperatorOptions options, TimeProvider time, Jitter jitter, FailureLog failures, ILoggerFactory loggers)
    {
        (_elector, _time, _failures, _logger) = (elector, time, failures, loggers.CreateLogger<Watches>());
        string[] everywhere = [""];
        var namespaces = options.Namespaces.Count > 0 ? options.Namespaces : everywhere;
        var json = ObservedJson.Default;
        // In this order a new leader is told of what is: what tasks refer to, tasks, what serves them.
        Blueprints = Add<AgentBlueprint>(
            new(ResourcePaths.Blueprints, json.AgentBlueprint, json.BlueprintList, blueprint => Identity(blueprint.Metadata)),
            change => new Fact.BlueprintSeen(change.Previous, change.Current));
        Orchestrators = Add<AgentOrchestrator>(
            new(ResourcePaths.Orchestrators, json.AgentOrchestrator, json.OrchestratorList, orchestrator => Identity(orchestrator.Metadata)),
            change => new Fact.OrchestratorSeen(change.Current),
            everywhere);
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

        NamespacedInformer<T> Add<T>(WatchedResource<T> resource, Func<ObjectChange<T>, Fact> fact, IReadOnlyCollection<string>? within = null)
            where T : class
        {
            var informers = (within ?? namespaces).ToDictionary(name => name, name => new Informer<T>(
                transport, resource with { Namespace = name.Length > 0 ? name : null }, time, jitter, failures, loggers.CreateLogger<Informer<T>>()));
            _informers.AddRange(informers.Select(pair => new Entry(
                resource.Path,
                () => new WatchHealth(
                    resource.Path,
                    pair.Key.Length > 0 ? pair.Key : null,
                    pair.Value.Synced.IsCompletedSuccessfully,
                    pair.Value.Failure,
                    pair.Value.Lister.Count,
                    pair.Value.Silence),
                pair.Value.RelistAsync,
                inbox => pair.Value.Register(changes => inbox.Post(changes.Select(fact))),
                pair.Value.RunAsync)));
            return new NamespacedInformer<T>(informers, resource.Identify);
        }
    }

    /// <summary>The tasks.</summary>
    public NamespacedInformer<ObservedTask> Tasks { get; }

    /// <summary>The blueprints.</summary>
    public NamespacedInformer<AgentBlueprint> Blueprints { get; }

    /// <summary>The orchestrators: one at most.</summary>
    public NamespacedInformer<AgentOrchestrator> Orchestrators { get; }

    /// <summary>The flows.</summary>
    public NamespacedInformer<AgentFlow> Flows { get; }

    /// <summary>The repositories.</summary>
    public NamespacedInformer<AgentRepository> Repositories { get; }

    /// <summary>The Jobs that are ours by their label.</summary>
    public NamespacedInformer<ObservedJob> Jobs { get; }

    /// <summary>The pods that are ours by their label.</summary>
    public NamespacedInformer<ObservedPod> Pods { get; }

    /// <summary>How each watch stands.</summary>
    public IReadOnlyList<WatchHealth> Health() => [.. _informers.Select(entry => entry.Health())];

    /// <summary>Tells an inbox of all that is so now, by lists begun after this call, and of every change from then on.</summary>
    /// <remarks>Whoever begins to lead needs this: the leader before may have written what no watch has brought yet.</remarks>
    /// <param name="inbox">The inbox.</param>
    /// <param name="cancellationToken">Ends the wait for the lists.</param>
    /// <returns>Disposed, it ends the telling.</returns>
    public async Task<IDisposable> FeedAsync(Inbox inbox, CancellationToken cancellationToken)
    {
        await RelistAsync("to lead", _informers, cancellationToken).ConfigureAwait(false);
        return Register(inbox);
    }

    /// <summary>Lists some resources anew, consistently, however long that takes; tells what keeps it waiting.</summary>
    /// <param name="purpose">What the lists are for, e.g. <c>to lead</c>.</param>
    /// <param name="resources">The resources.</param>
    /// <param name="cancellationToken">Ends the wait for the lists.</param>
    public Task RelistAsync(string purpose, IReadOnlyCollection<ResourcePath> resources, CancellationToken cancellationToken) =>
        RelistAsync(purpose, [.. _informers.Where(entry => resources.Contains(entry.Resource))], cancellationToken);

    private async Task RelistAsync(string purpose, IReadOnlyList<Entry> entries, CancellationToken cancellationToken)
    {
        var lists = entries.Select(entry => (Entry: entry, List: entry.RelistAsync(cancellationToken))).ToList();
        var all = Task.WhenAll(lists.Select(pending => pending.List));
        var patience = Patience;
        while (true)
        {
            await all.WaitAsync(patience, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (all.IsCompleted)
            {
                break;
            }

            // Whoever goes on without one of them may start twice what it cannot see: it waits, but not in silence.
            patience = BetweenWarnings;
            foreach (var health in lists.Where(pending => !pending.List.IsCompleted).Select(pending => pending.Entry.Health()))
            {
                if (_failures.IsDue(What(health), ""))
                {
                    LogWaits(health.Name, purpose, health.Failure ?? "it is on its way");
                }
            }
        }

        foreach (var (entry, _) in lists)
        {
            _failures.Clear(What(entry.Health()));
        }

        await all.ConfigureAwait(false);

        string What(WatchHealth health) => $"list {health.Name} {purpose}";
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

    [LoggerMessage(EventId = 2001, Level = LogLevel.Warning, Message = "A new list of {Resource} is needed {Purpose} and does not come: {Error}.")]
    private partial void LogWaits(string resource, string purpose, string error);

    /// <summary>An informer, whatever it watches.</summary>
    private sealed record Entry(
        ResourcePath Resource,
        Func<WatchHealth> Health,
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
