using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Pools;

/// <summary>The whole pool on one screen. Pure: what the operator has written down, put together.</summary>
internal sealed record PoolView
{
    private const string Unread = "cannot be read";

    /// <summary>One sentence: caps, backlog, who leads.</summary>
    public string Summary { get; init; } = "";

    /// <summary>What is wrong with the whole pool, a sentence each.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public IReadOnlyList<Pool> Pools { get; init; } = [];

    public IReadOnlyList<Repository> Repositories { get; init; } = [];

    public IReadOnlyList<Work> Running { get; init; } = [];

    public IReadOnlyList<Work> Waiting { get; init; } = [];

    public IReadOnlyList<Work> Failed { get; init; } = [];

    /// <summary>Puts it together.</summary>
    public static PoolView Of(PoolSnapshot snapshot, DateTimeOffset now)
    {
        var open = snapshot.Tasks.Where(task => !FlowRules.IsTerminal(State(task))).ToList();
        var places = QueuePlaces.Of(snapshot, now);
        return new PoolView
        {
            Summary = Summarise(snapshot, open, now),
            Warnings = [.. Warn(snapshot, now)],
            Pools = [.. snapshot.Blueprints.OrderBy(Key, StringComparer.Ordinal).Select(Of)],
            Repositories = [.. snapshot.Repositories.OrderBy(repository => Key(repository.Metadata), StringComparer.Ordinal).Select(Of)],
            Running = [.. open.Where(task => task.Status?.Claim is not null).OrderBy(task => task.Status!.Claim!.ClaimedAt).Select(task => Of(task, null, now))],
            Waiting = [.. open.Where(task => task.Status?.Claim is null).Select(task => (Task: task, Place: places.Find(task.Metadata.Uid)))
                .OrderBy(entry => entry.Place is null).ThenBy(entry => entry.Place?.Number).ThenBy(entry => Key(entry.Task.Metadata), StringComparer.Ordinal)
                .Select(entry => Of(entry.Task, entry.Place, now))],
            Failed = [.. snapshot.Tasks.Where(task => State(task) == FlowStates.Failed).OrderBy(task => Key(task.Metadata), StringComparer.Ordinal).Select(task => Of(task, null, now))],
        };
    }

    private static string Summarise(PoolSnapshot snapshot, List<AgentTask> open, DateTimeOffset now)
    {
        var orchestrator = snapshot.Orchestrator;
        var waiting = open.Count(task => task.Status?.Claim is null);
        var running = orchestrator is null
            ? Count(open.Count - waiting, "agent runs", "agents run")
            : $"{orchestrator.Status?.Running ?? 0} of {orchestrator.Spec.MaxConcurrent} agents run";
        var pulls = orchestrator is null ? ""
            : $", {orchestrator.Status?.OpenPullRequests ?? 0} of {orchestrator.Spec.MaxOpenPRs?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "any number of"} pull requests are open";
        var lead = snapshot.Lead is { } known && known.IsLeading(now) ? $"; {known.Holder!.Split('_')[0]} leads" : "";
        return $"{running}, {Count(waiting, "task waits", "tasks wait")}{pulls}{lead}.";
    }

    private static string Count(int number, string one, string more) => $"{number} {(number == 1 ? one : more)}";

    private static IEnumerable<string> Warn(PoolSnapshot snapshot, DateTimeOffset now)
    {
        if (snapshot.Orchestrator is null)
        {
            yield return $"There is no AgentOrchestrator named default, so nothing starts (or it {Unread} with your rights).";
        }
        else if (snapshot.Orchestrator.Spec.Paused)
        {
            yield return "The orchestrator is paused, so nothing starts: kubectl octopoid resume.";
        }

        if (snapshot.Lead is { } lead && !lead.IsLeading(now))
        {
            yield return lead.RenewedAt is { } time
                ? $"No operator leads: the last one was heard {Ages.Of(now - time)} ago. What is shown is as old."
                : "No operator leads. What is shown may be old.";
        }
    }

    private static Pool Of(AgentBlueprint blueprint) => new(
        blueprint.Metadata.Namespace ?? "",
        blueprint.Metadata.Name,
        blueprint.Spec.Role ?? blueprint.Metadata.Name,
        blueprint.Spec.Model,
        blueprint.Status?.Instances ?? 0,
        blueprint.Spec.MaxInstances,
        blueprint.Status?.Claimable ?? 0,
        blueprint.Status?.State,
        blueprint.Status?.Reason,
        blueprint.Status?.Message ?? "The operator has not looked at it yet.");

    private static Repository Of(AgentRepository repository) => new(
        repository.Metadata.Namespace ?? "",
        repository.Metadata.Name,
        repository.Status?.OpenPullRequests ?? 0,
        repository.Status?.ReservedPullRequests ?? 0,
        repository.Spec.PullRequests.MaxOpen,
        repository.Status?.Gate,
        repository.Status?.Reason,
        repository.Status?.Message ?? "The operator has not looked at it yet.",
        repository.Status?.ObservedAt);

    private static Work Of(AgentTask task, QueuePlace? place, DateTimeOffset now)
    {
        var claimable = task.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Claimable);
        var failed = task.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Failed);
        var (reason, message) = State(task) == FlowStates.Failed ? (failed?.Reason, failed?.Message)
            : task.Status?.Claim is { } claim ? (Reasons.AttemptRunning, $"Attempt {claim.Attempt} is an instance of {claim.Blueprint}.")
            : claimable is { Status: ConditionStatus.False } ? (claimable.Reason, claimable.Message)
            : place is not null ? (place.Reason, place.Message)
            : TaskView.BackOff(task.Status, now) is { } again ? (Reasons.BackOff, again)
            : (null, null);
        return new Work(
            task.Metadata.Namespace ?? "",
            task.Metadata.Name,
            State(task),
            task.Spec.Priority,
            task.Status?.Attempt ?? 0,
            task.Status?.Claim?.Blueprint,
            task.Status?.Claim?.ClaimedAt,
            task.Metadata.CreationTimestamp,
            reason,
            message,
            task.Status?.PullRequest?.Url);
    }

    private static string State(AgentTask task) => task.Status?.State ?? FlowStates.Incoming;

    private static string Key(AgentBlueprint blueprint) => Key(blueprint.Metadata);

    private static string Key(ObjectMeta metadata) => $"{metadata.Namespace}/{metadata.Name}";

    /// <summary>A blueprint's pool.</summary>
    internal sealed record Pool(
        string Namespace, string Name, string Role, string? Model, int Running, int Max, int Waiting, BlueprintState? State, string? Reason, string Message);

    /// <summary>A repository's gate.</summary>
    internal sealed record Repository(
        string Namespace, string Name, int Open, int Reserved, int? Max, GateState? Gate, string? Reason, string Message, DateTimeOffset? CountedAt);

    /// <summary>A task.</summary>
    internal sealed record Work(
        string Namespace,
        string Name,
        string State,
        TaskPriority Priority,
        int Attempt,
        string? Blueprint,
        DateTimeOffset? Since,
        DateTimeOffset? CreatedAt,
        string? Reason,
        string? Message,
        string? PullRequest);
}
