using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Operator.Status;

/// <summary>Tells of the gates of open pull requests: by an Event of the repository when one closes or opens, once each, and by metrics.</summary>
internal sealed partial class GateReporter
{
    private readonly ConcurrentDictionary<NamespacedName, Gate> _gates = new();
    private GateState? _cluster;
    private readonly EventRecorder _recorder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public GateReporter(EventRecorder recorder, IMeterFactory meters, TimeProvider time, ILogger<GateReporter> logger)
    {
        (_recorder, _time, _logger) = (recorder, time, logger);
        var meter = meters.Create("octopoid");
        Observe(meter, "octopoid.repository.pull_requests.open", "{pull_request}", "Pull requests of the pool that were open at the last count.", gate => gate.Status.OpenPullRequests);
        Observe(meter, "octopoid.repository.pull_requests.reserved", "{pull_request}", "How many more may be opened by agents at work, or have been since that count.", gate => gate.Status.ReservedPullRequests);
        Observe(meter, "octopoid.repository.pull_requests.limit", "{pull_request}", "How many may be open in the repository; absent where only the cluster's limit holds.", gate => gate.Limit);
        Observe(meter, "octopoid.repository.count.age", "s", "Time since the last count was begun; absent before the first.", gate => (_time.GetUtcNow() - gate.CountedAt)?.TotalSeconds);
        Observe(meter, "octopoid.repository.count.stale_after", "s", "The age from which on the count is not gone by: staleAfterSeconds; absent before the first.", gate => gate.CountedAt is null ? null : (double?)gate.StaleAfterSeconds);
        Observe(meter, "octopoid.repository.quota.limit", "{request}", "Requests that the forge grants in a window; absent where it has no quota.", gate => gate.Status.Quota?.Limit);
        Observe(meter, "octopoid.repository.quota.remaining", "{request}", "Requests that the forge still grants in this window; absent where it has no quota.", gate => gate.Status.Quota?.Remaining);
        meter.CreateObservableGauge(
            "octopoid.repository.gate.closed",
            () => _gates.Select(gate => new Measurement<int>(
                gate.Value.Status.Gate == GateState.Closed ? 1 : 0,
                [.. Labels(gate.Key), new("reason", gate.Value.Status.Reason)])),
            description: "1 while nothing that may open a pull request is started, and why.");
    }

    /// <summary>The repositories that something keeps from being counted, each with what, a sentence.</summary>
    public IReadOnlyList<(NamespacedName Repository, string Message)> Uncounted() =>
    [
        .. _gates.Select(gate => (gate.Key, gate.Value.Status.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready)))
            .Where(entry => entry.Item2 is { Status: ConditionStatus.False }).Select(entry => (entry.Key, entry.Item2!.Message ?? "")),
    ];

    /// <summary>Takes in how a repository stands.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="status">What is told of it.</param>
    /// <param name="countedAt">When the last count was begun; null before the first.</param>
    /// <param name="isOfCluster">True when it is the cluster's limit that closes its gate: the orchestrator tells of that, once.</param>
    public void Report(AgentRepository repository, AgentRepositoryStatus status, DateTimeOffset? countedAt, bool isOfCluster)
    {
        var key = RepositoryRules.Key(repository);
        var before = _gates.GetValueOrDefault(key)?.Told ?? repository.Status?.Gate ?? GateState.Open;
        var told = isOfCluster ? GateState.Open : status.Gate ?? GateState.Open;
        var policy = repository.Spec.PullRequests;
        _gates[key] = new Gate(status, told, policy.MaxOpen, policy.StaleAfterSeconds, countedAt);
        if (told != before)
        {
            var reference = new ObjectReference(
                ApiGroup.ApiVersion, AgentRepository.KindName, repository.Metadata.Namespace, repository.Metadata.Name, repository.Metadata.Uid);
            Tell(reference, key.ToString(), told, isOfCluster ? Reasons.BelowLimit : status.Reason ?? Reasons.BelowLimit, status.Message ?? "");
        }
    }

    /// <summary>Takes in how the whole cluster stands.</summary>
    /// <param name="orchestrator">The orchestrator.</param>
    /// <param name="all">The pull requests of all repositories.</param>
    public void Report(AgentOrchestrator orchestrator, PullRequestGate.Usage all)
    {
        var before = _cluster
            ?? (orchestrator.Status?.Conditions?.Any(condition => condition is { Type: ConditionTypes.Backpressured, Status: ConditionStatus.True }) == true ? GateState.Closed : GateState.Open);
        _cluster = orchestrator.Spec.MaxOpenPRs is { } limit && all.Sum >= limit ? GateState.Closed : GateState.Open;
        if (_cluster != before)
        {
            Tell(
                new ObjectReference(ApiGroup.ApiVersion, AgentOrchestrator.KindName, null, orchestrator.Metadata.Name, orchestrator.Metadata.Uid),
                "of the whole cluster",
                _cluster.Value,
                _cluster == GateState.Closed ? Reasons.OpenPRLimit : Reasons.BelowLimit,
                $"{all.Open} pull requests are open and {all.Reserved} more may be opened by agents at work; {orchestrator.Spec.MaxOpenPRs?.ToString(CultureInfo.InvariantCulture) ?? "any number"} are allowed.");
        }
    }

    /// <summary>Forgets the repositories that are gone.</summary>
    /// <param name="state">All that is known.</param>
    public void Forget(ClusterState state)
    {
        foreach (var gone in _gates.Keys.Where(key => state.FindRepository(key) is null))
        {
            _gates.TryRemove(gone, out _);
        }
    }

    /// <summary>Forgets all: another process leads, and tells.</summary>
    public void Clear()
    {
        _gates.Clear();
        _cluster = null;
    }

    private void Tell(ObjectReference reference, string place, GateState gate, string reason, string message)
    {
        var isOpen = gate == GateState.Open;
        LogTurn(place, isOpen ? "open" : "closed", reason, message);
        _recorder.Publish(
            reference,
            isOpen || reason == Reasons.OpenPRLimit ? EventType.Normal : EventType.Warning,
            reason,
            isOpen ? "OpenGate" : "CloseGate",
            (isOpen ? "The gate is open: " : "The gate is closed: ") + message);
    }

    private void Observe<T>(Meter meter, string name, string unit, string description, Func<Gate, T?> value)
        where T : struct => meter.CreateObservableGauge(
        name,
        () => _gates.Select(gate => (gate.Key, Value: value(gate.Value))).Where(gate => gate.Value is not null)
            .Select(gate => new Measurement<T>(gate.Value!.Value, Labels(gate.Key))),
        unit,
        description);

    private static KeyValuePair<string, object?>[] Labels(NamespacedName repository) =>
        [new("namespace", repository.Namespace), new("repository", repository.Name)];

    [LoggerMessage(EventId = 2401, Level = LogLevel.Information, Message = "The gate of open pull requests {Place} is {Turn} ({Reason}): {Message}")]
    private partial void LogTurn(string place, string turn, string reason, string message);

    /// <summary>How a repository stands.</summary>
    /// <param name="Status">What its status says.</param>
    /// <param name="Told">Which way its gate was last told to be.</param>
    /// <param name="Limit">How many may be open in it; null: only the cluster's limit holds.</param>
    /// <param name="StaleAfterSeconds">From which age on its count is not gone by.</param>
    /// <param name="CountedAt">When the last count was begun; null before the first.</param>
    private sealed record Gate(AgentRepositoryStatus Status, GateState Told, int? Limit, int StaleAfterSeconds, DateTimeOffset? CountedAt);
}
