using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Operator.Status;

/// <summary>Tells of the gates of open pull requests: by an Event of the repository when one closes or opens, once each, and by metrics.</summary>
internal sealed partial class GateReporter
{
    private readonly ConcurrentDictionary<NamespacedName, Gate> _gates = new();
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
        Observe(meter, "octopoid.repository.quota.remaining", "{request}", "Requests that the forge still grants in this window; absent where it has no quota.", gate => gate.Status.Quota?.Remaining);
        meter.CreateObservableGauge(
            "octopoid.repository.gate.closed",
            () => _gates.Select(gate => new Measurement<int>(
                gate.Value.Status.Gate == GateState.Closed ? 1 : 0,
                [.. Labels(gate.Key), new("reason", gate.Value.Status.Reason)])),
            description: "1 while nothing that may open a pull request is started, and why.");
    }

    /// <summary>Takes in how a repository stands.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="status">What is told of it.</param>
    /// <param name="counts">The counts.</param>
    public void Report(AgentRepository repository, AgentRepositoryStatus status, PullRequestCounts counts)
    {
        var key = RepositoryRules.Key(repository);
        var count = counts.CountOf(key);
        var before = _gates.GetValueOrDefault(key)?.Told ?? repository.Status?.Gate ?? GateState.Open;

        // A new leader has not counted yet, and will in a moment: that closes the gate, but is no news.
        var isNews = status.Gate != before && (status.Reason != Reasons.OpenPRCountUnknown || count is not null || counts.FailureOf(key) is not null);
        _gates[key] = new Gate(status, isNews ? status.Gate : before, repository.Spec.PullRequests.MaxOpen, count?.At);
        if (isNews)
        {
            Tell(repository, key, status);
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
    public void Clear() => _gates.Clear();

    private void Tell(AgentRepository repository, NamespacedName key, AgentRepositoryStatus status)
    {
        var isOpen = status.Gate == GateState.Open;
        LogTurn(key, isOpen ? "open" : "closed", status.Reason, status.Message);
        _recorder.Publish(
            new ObjectReference(
                ApiGroup.ApiVersion, AgentRepository.KindName, repository.Metadata.Namespace, repository.Metadata.Name, repository.Metadata.Uid),
            isOpen || status.Reason == Reasons.OpenPRLimit ? EventType.Normal : EventType.Warning,
            status.Reason ?? Reasons.BelowLimit,
            isOpen ? "OpenGate" : "CloseGate",
            (isOpen ? "The gate is open: " : "The gate is closed: ") + status.Message);
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

    [LoggerMessage(EventId = 2401, Level = LogLevel.Information, Message = "Repository {Repository}: the gate is {Turn} ({Reason}): {Message}")]
    private partial void LogTurn(NamespacedName repository, string turn, string? reason, string? message);

    /// <summary>How a repository stands.</summary>
    /// <param name="Status">What its status says.</param>
    /// <param name="Told">Which way its gate was last told to be.</param>
    /// <param name="Limit">How many may be open in it; null: only the cluster's limit holds.</param>
    /// <param name="CountedAt">When the last count was begun; null before the first.</param>
    private sealed record Gate(AgentRepositoryStatus Status, GateState? Told, int? Limit, DateTimeOffset? CountedAt);
}
