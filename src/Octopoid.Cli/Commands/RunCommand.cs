using System.CommandLine;
using System.Text;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Cli.Commands;

/// <summary><c>run</c>: makes a task, and follows it where that is asked for.</summary>
internal static class RunCommand
{
    private const int PromptBytes = 128 << 10;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public static Command Create(CommandLineEnvironment environment)
    {
        var prompt = new Argument<string>("PROMPT") { Description = "What is to be done; - reads it from standard input." };
        var name = new Option<string?>("--name") { Description = "The task's name. Default: one that the API server makes." };
        var flow = new Option<string?>("--flow") { Description = "Its flow. Default: default." };
        var role = new Option<string?>("--role", "-r") { Description = "The role that begins: the flow named default, or --flow, must begin with it." };
        var repository = new Option<string?>("--repository") { Description = "The AgentRepository to work in." };
        var title = new Option<string?>("--title") { Description = "A title." };
        var priority = new Option<TaskPriority>("--priority", "-p") { Description = "P0 to P3. Default: P2.", DefaultValueFactory = _ => TaskPriority.P2 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Print the agents' logs until the task has ended; the exit code tells how." };
        var command = new Command("run", "Make a task.") { prompt, name, flow, role, repository, title, priority, follow };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            var text = parsed.GetValue(prompt)!;
            text = text == "-" ? await environment.Input.ReadToEndAsync(cancellationToken).ConfigureAwait(false) : text;
            if (text.Trim().Length == 0 || Encoding.UTF8.GetByteCount(text) > PromptBytes)
            {
                throw new CliException("The prompt must have 1 to 131072 bytes of UTF-8.");
            }

            var chosen = await FlowAsync(session, parsed.GetValue(flow), parsed.GetValue(role), cancellationToken).ConfigureAwait(false);
            var task = await session.Client.CreateAsync(
                new AgentTask
                {
                    Metadata = new ObjectMeta { Name = parsed.GetValue(name) ?? "", GenerateName = parsed.GetValue(name) is null ? "run-" : null },
                    Spec = new AgentTaskSpec(parsed.GetValue(priority)) { Prompt = text, Title = parsed.GetValue(title), Repository = parsed.GetValue(repository), Flow = chosen },
                },
                cancellationToken).ConfigureAwait(false);
            Tasks.Report(session, task, "created");
            return parsed.GetValue(follow) ? await FollowAsync(session, task, cancellationToken).ConfigureAwait(false) : ExitCodes.Success;
        });
        return command;
    }

    /// <summary>The flow to run by: the one that is named, else the one that begins with a role.</summary>
    private static async Task<string> FlowAsync(Session session, string? flow, string? role, CancellationToken cancellationToken)
    {
        if (role is null)
        {
            return flow ?? DefaultFlow.Name;
        }

        var flows = await session.Client.FlowsAsync(cancellationToken).ConfigureAwait(false);
        var known = flows.Select(found => (found.Metadata.Name, found.Spec)).ToList();
        if (known.All(found => found.Name != DefaultFlow.Name))
        {
            known.Insert(0, (DefaultFlow.Name, DefaultFlow.Spec));
        }

        var fitting = known.Where(found => found.Spec.Transitions is [{ Agent: var first }, ..] && first == role).Select(found => found.Name).ToList();
        return flow is not null
            ? (fitting.Contains(flow) || known.All(found => found.Name != flow) ? flow : throw new CliException($"The flow {flow} does not begin with the role {role}."))
            : fitting.Contains(DefaultFlow.Name) ? DefaultFlow.Name
            : fitting switch
            {
                [var only] => only,
                [] => throw new CliException($"No flow begins with the role {role}: apply one, or name another role."),
                _ => throw new CliException($"Several flows begin with the role {role}: name one of {string.Join(", ", fitting)} by --flow."),
            };
    }

    private static async Task<int> FollowAsync(Session session, AgentTask task, CancellationToken cancellationToken)
    {
        var (printed, told) = (0, "");
        while (true)
        {
            AgentTaskStatus status;
            try
            {
                task = await Tasks.FindAsync(session, task.Metadata.Name, cancellationToken).ConfigureAwait(false);
                status = task.Status ?? new AgentTaskStatus();
            }
            catch (Exception e) when (ApiException.IsTransient(e))
            {
                // The task goes on whether it is seen or not.
                await TellOnceAsync(CommandLine.Sentence(e)!).ConfigureAwait(false);
                await Task.Delay(Interval, session.Time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            if (status.Attempt > printed)
            {
                printed = status.Attempt.Value;
                await TellAsync(session, $"attempt {printed} of {task.Metadata.Name}").ConfigureAwait(false);
                try
                {
                    await LogsCommand.PrintAsync(session, task, printed, isFollowed: true, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (CommandLine.Sentence(e) is { } sentence)
                {
                    // It never started, or is gone already, or may not be read: the task says how it ended.
                    await TellAsync(session, sentence).ConfigureAwait(false);
                }

                continue;
            }

            var state = status.State ?? FlowStates.Incoming;
            if (FlowRules.IsTerminal(state))
            {
                await TellAsync(session, $"{task.Metadata.Name} is {state}").ConfigureAwait(false);
                return state switch { FlowStates.Done => ExitCodes.Success, FlowStates.Failed => ExitCodes.TaskFailed, _ => ExitCodes.TaskCancelled };
            }

            var waits = status.Conditions?.FirstOrDefault(condition => condition is { Type: ConditionTypes.Claimable, Status: ConditionStatus.False });
            if (waits?.Message is { } message)
            {
                await TellOnceAsync(message).ConfigureAwait(false);
            }

            await Task.Delay(Interval, session.Time, cancellationToken).ConfigureAwait(false);
        }

        Task TellOnceAsync(string text)
        {
            var isNew = text != told;
            told = text;
            return isNew ? TellAsync(session, text) : Task.CompletedTask;
        }
    }

    /// <summary>Beside the log, which is what standard output is for.</summary>
    private static Task TellAsync(Session session, string text) => session.Error.WriteLineAsync($"# {text}");
}
