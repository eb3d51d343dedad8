using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Commands;

/// <summary><c>logs</c>: what an attempt's agent has printed.</summary>
internal static class LogsCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create(CommandLineEnvironment environment)
    {
        var name = NameArguments.Task(environment);
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the agent has ended." };
        var attempt = new Option<int?>("--attempt") { Description = "Which attempt. Default: the latest." };
        var command = new Command("logs", "Print the log of a task's agent.") { name, follow, attempt };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            var task = await Tasks.FindAsync(session, parsed.GetValue(name)!, cancellationToken).ConfigureAwait(false);
            await PrintAsync(session, task, parsed.GetValue(attempt), parsed.GetValue(follow), cancellationToken).ConfigureAwait(false);
            return ExitCodes.Success;
        });
        return command;
    }

    /// <summary>Prints the log of an attempt; followed, it waits for the agent to start.</summary>
    public static async Task PrintAsync(Session session, AgentTask task, int? attempt, bool isFollowed, CancellationToken cancellationToken)
    {
        var number = attempt ?? task.Status?.Attempt ?? 0;
        if (number == 0)
        {
            throw new CliException($"Task {task.Metadata.Name} has had no attempt yet: kubectl octopoid explain {task.Metadata.Name} tells why.");
        }

        string? pod;
        while ((pod = Started(await session.Client.PodsOfAsync(task, cancellationToken).ConfigureAwait(false), number)) is null)
        {
            task = await Tasks.FindAsync(session, task.Metadata.Name, cancellationToken).ConfigureAwait(false);
            if (!isFollowed || task.Status?.Claim?.Attempt != number)
            {
                throw new CliException(
                    task.Status?.Claim?.Attempt == number
                        ? $"The agent of attempt {number} has not started yet: -f waits for it."
                        : $"The pod of attempt {number} is gone, and its log with it; Jobs are kept for the orchestrator's retention.jobSeconds.");
            }

            await Task.Delay(Interval, session.Time, cancellationToken).ConfigureAwait(false);
        }

        var log = await session.ReadLogAsync(pod, isFollowed, cancellationToken).ConfigureAwait(false);
        await using (log.ConfigureAwait(false))
        {
            using var reader = new StreamReader(log);
            while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
            {
                await session.Output.WriteLineAsync(line).ConfigureAwait(false);
            }
        }
    }

    private static string? Started(IReadOnlyList<JsonObject> pods, int attempt) => pods
        .Where(pod => (string?)pod["metadata"]?["labels"]?[Labels.Attempt] == attempt.ToString(CultureInfo.InvariantCulture))
        .Where(pod => pod["status"]?["containerStatuses"]?.AsArray()
            .Any(container => (string?)container?["name"] == "agent" && (container["state"]?["running"] ?? container["state"]?["terminated"]) is not null) == true)
        .Select(pod => (string?)pod["metadata"]?["name"])
        .LastOrDefault();
}
