using System.CommandLine;
using Octopoid.Cli.Output;
using Octopoid.Cli.Pools;

namespace Octopoid.Cli.Commands;

/// <summary><c>status</c>: the pool on one screen.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public static Command Create(CommandLineEnvironment environment)
    {
        var watch = new Option<bool>("--watch", "-w") { Description = "Show it again every two seconds, until interrupted." };
        var command = new Command("status", "Show the pool on one screen: limits, gates, blueprints, what runs, and why the rest waits.") { watch, GlobalOptions.AllNamespaces };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var session = Session.Open(parsed, environment);
            await ShowAsync(session, isWatched: false, cancellationToken).ConfigureAwait(false);
            while (parsed.GetValue(watch))
            {
                try
                {
                    await Task.Delay(Interval, session.Time, cancellationToken).ConfigureAwait(false);
                    await ShowAsync(session, isWatched: true, cancellationToken).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // That is how a watch ends.
                    return ExitCodes.Success;
                }
                catch (Exception e) when (CommandLine.Sentence(e) is { } sentence)
                {
                    // What was shown stays: the API server may answer again.
                    await session.Error.WriteLineAsync($"error: {sentence}").ConfigureAwait(false);
                }
            }

            return ExitCodes.Success;
        });
        return command;
    }

    private static async Task ShowAsync(Session session, bool isWatched, CancellationToken cancellationToken) =>
        Show(session, PoolView.Of(await session.ReadAsync(cancellationToken).ConfigureAwait(false), session.Time.GetUtcNow()), isWatched);

    private static void Show(Session session, PoolView view, bool isWatched)
    {
        if (session.IsForPrograms)
        {
            session.Write(view, CliJson.Default.PoolView);
        }
        else if (session.Format == OutputFormat.Name)
        {
            foreach (var work in view.Running.Concat(view.Waiting).Concat(view.Failed))
            {
                session.Screen.Line($"agenttask.octopoid.dev/{work.Name}");
            }
        }
        else
        {
            if (isWatched)
            {
                session.Screen.Clear();
            }

            PoolScreen.Show(session.Screen, view, session.HasAllNamespaces, session.Format == OutputFormat.Wide, session.Time.GetUtcNow());
        }
    }
}
