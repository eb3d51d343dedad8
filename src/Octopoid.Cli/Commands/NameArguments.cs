using System.CommandLine;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Commands;

/// <summary>Arguments that name objects: completed by the names that the cluster has.</summary>
internal static class NameArguments
{
    /// <summary>A task's name.</summary>
    /// <param name="environment">Where the command runs.</param>
    /// <param name="isFitting">Which tasks to offer; null: all.</param>
    public static Argument<string> Task(CommandLineEnvironment environment, Func<AgentTask, bool>? isFitting = null) =>
        Completed(new Argument<string>("TASK") { Description = "The task's name." }, environment, isFitting);

    /// <summary>Some tasks' names.</summary>
    public static Argument<string[]> Tasks(CommandLineEnvironment environment, Func<AgentTask, bool> isFitting) =>
        Completed(new Argument<string[]>("TASK") { Description = "The tasks' names.", Arity = ArgumentArity.OneOrMore }, environment, isFitting);

    /// <summary>A blueprint's name.</summary>
    public static Argument<string> Blueprint(CommandLineEnvironment environment) =>
        Completed(new Argument<string>("BLUEPRINT") { Description = "The blueprint's name." }, environment);

    /// <summary>Some blueprints' names, or none.</summary>
    public static Argument<string[]> Blueprints(CommandLineEnvironment environment) => Completed(
        new Argument<string[]>("BLUEPRINT") { Description = "The blueprints' names; none: the whole cluster.", Arity = ArgumentArity.ZeroOrMore }, environment);

    /// <summary>True of a task that has not ended.</summary>
    public static bool IsUnfinished(AgentTask task) => !FlowRules.IsTerminal(task.Status?.State ?? FlowStates.Incoming);

    private static Argument<T> Completed<T>(Argument<T> argument, CommandLineEnvironment environment, Func<AgentTask, bool>? isFitting)
    {
        argument.CompletionSources.Add(context => CompletionCommand.Tasks(context, environment, isFitting ?? (_ => true)));
        return Checked(argument);
    }

    private static Argument<T> Completed<T>(Argument<T> argument, CommandLineEnvironment environment)
    {
        argument.CompletionSources.Add(context => CompletionCommand.Blueprints(context, environment));
        return Checked(argument);
    }

    /// <summary>An empty name, or one that is no segment of a path, would name something else than an object: a list of them.</summary>
    private static Argument<T> Checked<T>(Argument<T> argument)
    {
        argument.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(token => token.Value is "" or "." or ".."))
            {
                result.AddError($"{argument.Name} must not be \"{token.Value}\".");
            }
        });
        return argument;
    }
}
