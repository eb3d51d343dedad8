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

        var pod = await StartedAsync(session, task.Metadata.Name, number, isFollowed, cancellationToken).ConfigureAwait(false);
        var printed = await PrintPodAsync(session, pod, isFollowed, 0, cancellationToken).ConfigureAwait(false);
        while (isFollowed && IsRunning(await session.Client.PodsOfAsync(task, cancellationToken).ConfigureAwait(false), pod))
        {
            // The connection has ended before the agent: somebody in between has closed it.
            await Task.Delay(Interval, session.Time, cancellationToken).ConfigureAwait(false);
            printed = await PrintPodAsync(session, pod, isFollowed, printed, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The pod of an attempt whose agent has started; followed, it is waited for.</summary>
    private static async Task<string> StartedAsync(Session session, string name, int number, bool isFollowed, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The task before its pods: an attempt that ends between the two has left its pod.
            var task = await Tasks.FindAsync(session, name, cancellationToken).ConfigureAwait(false);
            if (Started(await session.Client.PodsOfAsync(task, cancellationToken).ConfigureAwait(false), number) is { } pod)
            {
                return pod;
            }

            if (!isFollowed || task.Status?.Claim?.Attempt != number)
            {
                throw new CliException(
                    task.Status?.Claim?.Attempt == number
                        ? $"The agent of attempt {number} has not started yet: -f waits for it."
                        : $"The pod of attempt {number} is gone, and its log with it; Jobs are kept for the orchestrator's retention.jobSeconds.");
            }

            await Task.Delay(Interval, session.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Prints a log but for the lines that are printed already; answers how many are now.</summary>
    private static async Task<int> PrintPodAsync(Session session, string pod, bool isFollowed, int printed, CancellationToken cancellationToken)
    {
        var read = 0;
        try
        {
            var log = await session.ReadLogAsync(pod, isFollowed, cancellationToken).ConfigureAwait(false);
            await using (log.ConfigureAwait(false))
            {
                using var reader = new StreamReader(log);
                while (await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
                {
                    if (++read > printed)
                    {
                        await session.Output.WriteLineAsync(line).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (Exception e) when (isFollowed && (e is IOException or HttpRequestException))
        {
            // Whether there is more to come, the pod tells.
        }

        return Math.Max(read, printed);
    }

    private static bool IsRunning(IReadOnlyList<JsonObject> pods, string name) => pods
        .Where(pod => (string?)pod["metadata"]?["name"] == name)
        .Any(pod => Agent(pod)?["state"]?["running"] is not null);

    private static string? Started(IReadOnlyList<JsonObject> pods, int attempt) => pods
        .Where(pod => (string?)pod["metadata"]?["labels"]?[Labels.Attempt] == attempt.ToString(CultureInfo.InvariantCulture))
        .Where(pod => (Agent(pod)?["state"]?["running"] ?? Agent(pod)?["state"]?["terminated"]) is not null)
        .Select(pod => (string?)pod["metadata"]?["name"])
        .LastOrDefault();

    private static JsonNode? Agent(JsonObject pod) =>
        pod["status"]?["containerStatuses"]?.AsArray().FirstOrDefault(container => (string?)container?["name"] == "agent");
}
