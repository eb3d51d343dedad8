using System.CommandLine;
using System.CommandLine.Completions;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Commands;

/// <summary><c>completion</c>: what a shell needs to complete command lines; and the answers to <c>__complete</c>, which it asks.</summary>
/// <remarks>kubectl (1.26 and newer) completes a plugin <c>octopoid</c> by a program <c>kubectl_complete-octopoid</c> on <c>PATH</c>, which answers as
/// programs made with cobra do: a candidate a line, then <c>:</c> and a number of flags.</remarks>
internal static class CompletionCommand
{
    /// <summary>Cobra's flag against the names of files.</summary>
    private const string NoFiles = ":4";

    /// <summary>Whoever has pressed the tab key waits.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["kubectl"] = """
            #!/bin/sh
            # Save it as kubectl_complete-octopoid in a folder of PATH and make it executable: kubectl's own completion asks it.
            exec kubectl-octopoid __complete "$@"
            """,
        ["bash"] = """
            # For kubectl-octopoid by its own name: source <(kubectl-octopoid completion bash)
            _kubectl_octopoid() {
              local IFS=$'\n'
              COMPREPLY=($(kubectl-octopoid __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | grep -v '^:'))
            }
            complete -F _kubectl_octopoid kubectl-octopoid
            """,
        ["zsh"] = """
            #compdef kubectl-octopoid
            # For kubectl-octopoid by its own name: source <(kubectl-octopoid completion zsh)
            _kubectl_octopoid() {
              local -a found
              found=(${(f)"$(kubectl-octopoid __complete "${(@)words[2,CURRENT]}" 2>/dev/null | grep -v '^:')"})
              compadd -a found
            }
            compdef _kubectl_octopoid kubectl-octopoid
            """,
        ["fish"] = """
            # For kubectl-octopoid by its own name: kubectl-octopoid completion fish | source
            function __kubectl_octopoid
                set -l words (commandline -opc) (commandline -ct)
                kubectl-octopoid __complete $words[2..-1] 2>/dev/null | string match -v ':*'
            end
            complete -c kubectl-octopoid -f -a '(__kubectl_octopoid)'
            """,
    };

    /// <summary>The command that prints a script.</summary>
    public static Command Create(CommandLineEnvironment environment)
    {
        var shell = new Argument<string>("SHELL") { Description = "kubectl (for 'kubectl octopoid'), or bash, zsh, fish (for 'kubectl-octopoid')." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        var command = new Command("completion", "Print what a shell needs to complete command lines.") { shell };
        command.SetAction(parsed => environment.Output.WriteLine(Scripts[parsed.GetValue(shell)!]));
        return command;
    }

    /// <summary>Answers for a line as far as it is typed; its last word is the one to be completed, and may be empty.</summary>
    public static void Answer(CommandLineEnvironment environment, RootCommand root, IReadOnlyList<string> typed)
    {
        // As one text: of a list the parser passes an empty last word over.
        var line = string.Join(' ', typed.Select(word => word.Contains(' ', StringComparison.Ordinal) ? $"\"{word}\"" : word));
        var word = typed.Count > 0 ? typed[^1] : "";
        var candidates = root.Parse(line).GetCompletions(line.Length).Select(item => item.Label)
            .Where(label => label.StartsWith(word, StringComparison.Ordinal) && !label.StartsWith('/') && (word.Length > 0 || !label.StartsWith('-')));
        foreach (var candidate in candidates.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            environment.Output.WriteLine(candidate);
        }

        environment.Output.WriteLine(NoFiles);
    }

    /// <summary>The names of tasks, for the word that is being typed.</summary>
    public static IEnumerable<CompletionItem> Tasks(CompletionContext context, CommandLineEnvironment environment, Func<AgentTask, bool> isFitting) =>
        Names(context, environment, async (client, token) =>
            (await client.TasksAsync(token).ConfigureAwait(false)).Where(isFitting).Select(task => task.Metadata.Name));

    /// <summary>The names of blueprints, for the word that is being typed.</summary>
    public static IEnumerable<CompletionItem> Blueprints(CompletionContext context, CommandLineEnvironment environment) =>
        Names(context, environment, async (client, token) =>
            (await client.BlueprintsAsync(token).ConfigureAwait(false)).Select(blueprint => blueprint.Metadata.Name));

    /// <summary>A cluster that does not answer completes nothing: an error in the midst of a line helps nobody.</summary>
    private static IEnumerable<CompletionItem> Names(
        CompletionContext context, CommandLineEnvironment environment, Func<Cluster.PoolClient, CancellationToken, Task<IEnumerable<string>>> read)
    {
        try
        {
            using var limit = new CancellationTokenSource(Patience, environment.Time);
            using var session = Session.Open(context.ParseResult, environment);

            // Completion sources cannot be awaited; nothing else runs in this process.
            return [.. read(session.Client, limit.Token).GetAwaiter().GetResult().Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is OperationCanceledException || CommandLine.Sentence(e) is not null)
        {
            return [];
        }
    }
}
