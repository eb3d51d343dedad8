using System.Globalization;
using Octopoid.Cli.Pools;

namespace Octopoid.Cli.Output;

/// <summary>Shows the pool to people.</summary>
internal static class PoolScreen
{
    /// <summary>One screen: of a long backlog the first are enough.</summary>
    private const int ShownTasks = 12;

    /// <summary>Shows it.</summary>
    /// <param name="screen">Where.</param>
    /// <param name="view">What.</param>
    /// <param name="hasNamespaces">True when the namespaces are to be told apart.</param>
    /// <param name="isWide">True for every task and column.</param>
    /// <param name="now">The time.</param>
    public static void Show(Screen screen, PoolView view, bool hasNamespaces, bool isWide, DateTimeOffset now)
    {
        screen.Line(view.Summary);
        foreach (var warning in view.Warnings)
        {
            screen.Warning(warning);
        }

        if (view.Pools.Count > 0)
        {
            screen.Heading("POOLS");
            screen.Table(
                ["NAMESPACE", "BLUEPRINT", "ROLE", "MODEL", "RUNNING", "WAITING", "STATE", "WHY"],
                view.Pools.Select(pool => (IReadOnlyList<string?>)
                [
                    Space(pool.Namespace), pool.Name, pool.Role == pool.Name && !isWide ? null : pool.Role, pool.Model, $"{pool.Running}/{pool.Max}", Number(pool.Waiting),
                    pool.State?.ToString(), pool.Message,
                ]));
        }

        if (view.Repositories.Count > 0)
        {
            screen.Heading("PULL REQUESTS");
            screen.Table(
                ["NAMESPACE", "REPOSITORY", "OPEN", "RESERVED", "MAX", "GATE", "COUNTED", "WHY"],
                view.Repositories.Select(repository => (IReadOnlyList<string?>)
                [
                    Space(repository.Namespace), repository.Name, Number(repository.Open), Number(repository.Reserved), repository.Max is { } max ? Number(max) : null,
                    repository.Gate?.ToString(), Ages.Of(repository.CountedAt, now), repository.Message,
                ]));
        }

        Tasks("RUNNING", view.Running, ["NAMESPACE", "TASK", "STATE", "ATTEMPT", "BLUEPRINT", "FOR", "PULL REQUEST"], work =>
            [Space(work.Namespace), work.Name, work.State, Number(work.Attempt), work.Blueprint, Ages.Of(work.Since, now), work.PullRequest]);
        Tasks("WAITING", view.Waiting, ["NAMESPACE", "TASK", "STATE", "PRIORITY", "AGE", "REASON", "WHY"], work =>
            [Space(work.Namespace), work.Name, work.State, work.Priority.ToString(), Ages.Of(work.CreatedAt, now), work.Reason, work.Message]);
        Tasks("FAILED", view.Failed, ["NAMESPACE", "TASK", "ATTEMPT", "REASON", "WHY"], work =>
            [Space(work.Namespace), work.Name, Number(work.Attempt), work.Reason, work.Message]);

        string? Space(string name) => hasNamespaces ? name : null;

        void Tasks(string heading, IReadOnlyList<PoolView.Work> tasks, string[] columns, Func<PoolView.Work, IReadOnlyList<string?>> row)
        {
            if (tasks.Count == 0)
            {
                return;
            }

            screen.Heading($"{heading} ({tasks.Count})");
            screen.Table(columns, tasks.Take(isWide ? tasks.Count : ShownTasks).Select(row));
            if (!isWide && tasks.Count > ShownTasks)
            {
                screen.Line($"and {tasks.Count - ShownTasks} more: -o wide shows all.");
            }
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
