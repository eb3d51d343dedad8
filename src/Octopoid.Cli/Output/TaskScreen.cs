using System.Globalization;
using Octopoid.Cli.Pools;

namespace Octopoid.Cli.Output;

/// <summary>Shows a task to people.</summary>
internal static class TaskScreen
{
    /// <summary>Shows it.</summary>
    public static void Show(Screen screen, TaskView view, bool isWide, DateTimeOffset now)
    {
        screen.Line($"{view.Namespace}/{view.Name}: {view.State}{(view.Title is null ? "" : $" ({view.Title})")}");
        screen.Line($"flow {view.Flow}, priority {view.Priority}{(view.Repository is null ? "" : $", repository {view.Repository}")}");
        if (view.PullRequest is not null)
        {
            screen.Line($"pull request {view.PullRequest}");
        }

        screen.Heading("NOW");
        foreach (var sentence in view.Now)
        {
            screen.Line(sentence);
        }

        if (view.Attempts.Count > 0)
        {
            screen.Heading("ATTEMPTS");
            screen.Table(
                ["ATTEMPT", "STATE", "BLUEPRINT", "STARTED", "TOOK", "OUTCOME", "REASON", "COMMITS", "TURNS", "COST", "LOG"],
                view.Attempts.Select(attempt => (IReadOnlyList<string?>)
                [
                    Number(attempt.Number), attempt.Condition is null ? attempt.State : $"{attempt.State} ({attempt.Condition})", attempt.Blueprint,
                    attempt.Start is null ? null : $"{Ages.Of(attempt.Start, now)} ago",
                    attempt.Start is { } start && attempt.End is { } end ? Ages.Of(end - start) : null,
                    attempt.Outcome?.ToString(), attempt.Reason, Some(attempt.Commits), Some(attempt.Turns), attempt.CostUSD is null ? null : $"${attempt.CostUSD}",
                    isWide ? TaskView.LogCommand(view.Namespace, view.Name, attempt.Number) : null,
                ]));
            if (!isWide)
            {
                screen.Command($"the log of one: {TaskView.LogCommand(view.Namespace, view.Name, view.Attempts[^1].Number)}");
            }
        }

        if (view.History.Count > 0)
        {
            screen.Heading("HISTORY");
            screen.Table(
                ["WHEN", "FROM", "TO", "ATTEMPT", "REASON"],
                view.History.Select(change => (IReadOnlyList<string?>)
                [
                    change.Time is null ? null : $"{Ages.Of(change.Time, now)} ago", change.From, change.To, Number(change.Attempt), change.Reason,
                ]));
        }

        if (!string.IsNullOrEmpty(view.Feedback))
        {
            screen.Heading("FEEDBACK FOR THE NEXT ATTEMPT");
            screen.Line(view.Feedback);
        }

        if (view.Next.Count > 0)
        {
            screen.Heading("NEXT");
            foreach (var command in view.Next)
            {
                screen.Command(command);
            }
        }
    }

    /// <summary>A column of zeros tells nothing.</summary>
    private static string? Some(int? number) => number == 0 ? null : Number(number);

    private static string? Number(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
