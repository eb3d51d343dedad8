using System.CommandLine;
using System.Text.Json.Nodes;

namespace Octopoid.Cli.Commands;

/// <summary><c>cancel</c>: ends a task, and its attempt if one runs.</summary>
internal static class CancelCommand
{
    public static Command Create(CommandLineEnvironment environment)
    {
        var names = NameArguments.Tasks(environment, NameArguments.IsUnfinished);
        var command = new Command("cancel", "End tasks, and their agents if any run.") { names };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            return await session.ForEachAsync(parsed.GetValue(names)!, async name =>
            {
                var task = await Tasks.FindAsync(session, name, cancellationToken).ConfigureAwait(false);
                if (!NameArguments.IsUnfinished(task))
                {
                    throw new CliException($"Task {name} has ended already: it is {task.Status!.State}.");
                }

                Tasks.Report(session, await session.Client.PatchTaskAsync(name, new JsonObject { ["cancel"] = true }, null, cancellationToken).ConfigureAwait(false), "cancelled");
            }).ConfigureAwait(false);
        });
        return command;
    }
}
