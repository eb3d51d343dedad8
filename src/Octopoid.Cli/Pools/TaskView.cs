using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Pools;

/// <summary>All that is to be known of one task: where it stands, what it waits for, what was done, what to do next. Pure.</summary>
internal sealed record TaskView
{
    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    public string? Title { get; init; }

    public string State { get; init; } = "";

    public string Flow { get; init; } = "";

    public TaskPriority Priority { get; init; }

    public string? Repository { get; init; }

    public string? PullRequest { get; init; }

    /// <summary>What happens to it now, or what it waits for, in sentences.</summary>
    public IReadOnlyList<string> Now { get; init; } = [];

    /// <summary>Commands that change that.</summary>
    public IReadOnlyList<string> Next { get; init; } = [];

    /// <summary>What the next attempt will be told.</summary>
    public string? Feedback { get; init; }

    public IReadOnlyList<TaskAttempt> Attempts { get; init; } = [];

    public IReadOnlyList<StateChange> History { get; init; } = [];

    /// <summary>Puts it together.</summary>
    /// <param name="task">The task.</param>
    /// <param name="snapshot">What is around it.</param>
    /// <param name="now">The time.</param>
    public static TaskView Of(AgentTask task, PoolSnapshot snapshot, DateTimeOffset now)
    {
        var status = task.Status ?? new AgentTaskStatus();
        return new TaskView
        {
            Namespace = task.Metadata.Namespace ?? "",
            Name = task.Metadata.Name,
            Title = task.Spec.Title,
            State = status.State ?? FlowStates.Incoming,
            Flow = task.Spec.Flow,
            Priority = task.Spec.Priority,
            Repository = task.Spec.Repository,
            PullRequest = status.PullRequest is { } pull ? $"{pull.Url ?? $"#{pull.Number}"} ({pull.State?.ToString().ToLowerInvariant()})" : null,
            Now = [.. Tell(task, status, snapshot, now)],
            Next = [.. Advise(task, status)],
            Feedback = status.Feedback,
            Attempts = status.Attempts ?? [],
            History = status.History ?? [],
        };
    }

    /// <summary>How long a task is left alone after what it has failed of; null where it is not.</summary>
    public static string? BackOff(AgentTaskStatus? status, DateTimeOffset now)
    {
        if (status?.NextEligibleTime is not { } time || time <= now)
        {
            return null;
        }

        var cause = status.Attempts is [.., var last] ? $"Attempt {last.Number} ended: {last.Reason}. " : "";
        return $"{cause}It is tried again in {Ages.Of(time - now)}.";
    }

    /// <summary>The command that shows the log of an attempt.</summary>
    public static string LogCommand(string namespaceName, string name, int? attempt) =>
        $"kubectl octopoid logs {name} -n {namespaceName}{(attempt is null ? "" : $" --attempt {attempt}")}";

    private static IEnumerable<string> Tell(AgentTask task, AgentTaskStatus status, PoolSnapshot snapshot, DateTimeOffset now)
    {
        var state = status.State ?? FlowStates.Incoming;
        if (FlowRules.IsTerminal(state))
        {
            var end = status.Conditions?.FirstOrDefault(condition => condition.Type == (state == FlowStates.Failed ? ConditionTypes.Failed : ConditionTypes.Complete));
            yield return end?.Message ?? $"It is {state}.";
            yield break;
        }

        if (status.Claim is { } claim)
        {
            yield return $"Attempt {claim.Attempt} runs as an instance of {claim.Blueprint} for {Ages.Of(claim.ClaimedAt, now)}"
                + $"{(claim.Condition is null ? "" : $", reviewing for {claim.Condition}")}: Job {claim.JobName}.";
            yield break;
        }

        if (status.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Claimable) is { Status: ConditionStatus.False } waits)
        {
            yield return $"{waits.Reason}: {waits.Message}";
            yield break;
        }

        // The operator says so in a condition, but only of what has lasted for two seconds.
        foreach (var blocker in task.Spec.BlockedBy ?? [])
        {
            var found = snapshot.Tasks.FirstOrDefault(other => other.Metadata.Namespace == task.Metadata.Namespace && other.Metadata.Name == blocker);
            if (found?.Status?.State != FlowStates.Done)
            {
                yield return $"It is blocked by {blocker}, which {(found is null ? "does not exist" : $"is {found.Status?.State ?? FlowStates.Incoming}")}.";
            }
        }

        if (BackOff(status, now) is { } again)
        {
            yield return again;
        }

        if (QueuePlaces.Of(snapshot, now).Find(task.Metadata.Uid) is not { } place)
        {
            yield break;
        }

        yield return place.Message;
        var repository = snapshot.Repositories.FirstOrDefault(r => r.Metadata.Namespace == task.Metadata.Namespace && r.Metadata.Name == task.Spec.Repository);
        if (repository?.Status is { Gate: GateState.Closed } gate)
        {
            yield return $"The gate of repository {task.Spec.Repository} is closed ({gate.Reason}): {gate.Message}";
        }
    }

    private static IEnumerable<string> Advise(AgentTask task, AgentTaskStatus status)
    {
        var (name, space) = (task.Metadata.Name, task.Metadata.Namespace);
        var reason = status.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Claimable) is { Status: ConditionStatus.False } waits ? waits.Reason : null;
        if (status.Claim is not null)
        {
            yield return LogCommand(space ?? "", name, null) + " -f";
        }
        else if (reason is Reasons.AwaitsDecision or Reasons.AwaitsMerge)
        {
            yield return $"kubectl octopoid approve {name} -n {space}";
            yield return $"kubectl octopoid reject {name} -n {space} \"COMMENT\"";
        }
        else if (status.State is FlowStates.Failed or FlowStates.Cancelled)
        {
            yield return $"kubectl octopoid retry {name} -n {space}";
        }
    }
}
