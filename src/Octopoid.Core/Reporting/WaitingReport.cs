using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;

namespace Octopoid.Core.Reporting;

/// <summary>How many tasks wait, where, and for what. Pure.</summary>
public static class WaitingReport
{
    /// <summary>The tasks that wait, each in one row.</summary>
    /// <param name="state">All that is known.</param>
    /// <param name="statuses">What each blueprint's status says.</param>
    /// <param name="gate">The gate of open pull requests.</param>
    public static IReadOnlyList<Row> Of(
        ClusterState state, IReadOnlyCollection<(AgentBlueprint Blueprint, AgentBlueprintStatus Status)> statuses, PullRequestGate gate)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(gate);

        // In an order that lasts, or the reason of a row would change though nothing has happened.
        var serving = statuses.OrderBy(entry => entry.Blueprint.Metadata.Name, StringComparer.Ordinal).ToLookup(entry => (entry.Blueprint.Metadata.Namespace ?? "", entry.Status.Role ?? ""));
        return
        [
            .. state.Queues.All.Select(queue => Queued(queue, [.. serving[(queue.Namespace, queue.Role)]], gate) with { Tasks = state.Queues.CountOf(queue) })
                .Concat(state.Held.Select(held => new Row(held.Key.Namespace, "", "", held.Key.Reason, held.Value)))
                .GroupBy(row => row with { Tasks = 0 })
                .Select(rows => rows.Key with { Tasks = rows.Sum(row => row.Tasks) }),
        ];
    }

    private static Row Queued(
        QueueKey queue, IReadOnlyList<(AgentBlueprint Blueprint, AgentBlueprintStatus Status)> serving, PullRequestGate gate)
    {
        // One that may start it is enough; where none may, the first one's reason stands for all.
        var reason = serving.Count == 0 ? Reasons.RoleUnserved
            : serving.Select(entry => Veto(entry.Blueprint, entry.Status, queue, gate)).Aggregate((first, next) => next is null ? null : first) ?? Reasons.Claimable;
        return new Row(
            queue.Namespace, queue.Role, string.Join(',', serving.Select(entry => entry.Blueprint.Metadata.Name)), reason, 0);
    }

    private static string? Veto(AgentBlueprint blueprint, AgentBlueprintStatus status, QueueKey queue, PullRequestGate gate) => status.State switch
    {
        // The blueprint may still start another of its role's queues, and the other way round.
        BlueprintState.Idle or BlueprintState.Running or BlueprintState.Backpressured => PullRequestGate.Concerns(blueprint, queue)
            ? gate.Judge(new NamespacedName(queue.Namespace, queue.Repository!))?.Reason
            : null,
        _ => status.Reason,
    };

    /// <summary>Tasks that wait alike.</summary>
    /// <param name="Namespace">Their namespace.</param>
    /// <param name="Role">The role that they wait for; empty where it is something else than an agent that they wait for.</param>
    /// <param name="Blueprints">The blueprints that serve it, by name, with commas between.</param>
    /// <param name="Reason">What they wait for, from <see cref="Reasons"/>; <see cref="Reasons.Claimable"/>: they could start now.</param>
    /// <param name="Tasks">How many they are.</param>
    public sealed record Row(string Namespace, string Role, string Blueprints, string Reason, int Tasks);
}
