using System.CommandLine;
using Octopoid.Cli.Output;
using Octopoid.Cli.Pools;

namespace Octopoid.Cli.Commands;

/// <summary><c>explain</c>: one task, and why it stands where it stands.</summary>
internal static class ExplainCommand
{
    public static Command Create(CommandLineEnvironment environment)
    {
        var name = NameArguments.Task(environment);
        var command = new Command("explain", "Tell what a task waits for, its place in the queue, what was done, and what to do next.") { name };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            var task = await Tasks.FindAsync(session, parsed.GetValue(name)!, cancellationToken).ConfigureAwait(false);
            var view = TaskView.Of(task, await session.ReadAsync(cancellationToken).ConfigureAwait(false), session.Time.GetUtcNow());
            if (session.IsForPrograms)
            {
                Documents.Write(session.Output, session.Format, view, CliJson.Default.TaskView);
            }
            else
            {
                TaskScreen.Show(session.Screen, view, session.Format == OutputFormat.Wide, session.Time.GetUtcNow());
            }

            return ExitCodes.Success;
        });
        return command;
    }
}
