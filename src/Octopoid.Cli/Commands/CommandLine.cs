using System.CommandLine;
using System.CommandLine.Parsing;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Cli.Commands;

/// <summary>The command line: every verb, and what becomes of failures.</summary>
internal static class CommandLine
{
    /// <summary>Runs the process's command line.</summary>
    public static Task<int> RunAsync(string[] args) => RunAsync(args, CommandLineEnvironment.Process(), CancellationToken.None);

    /// <summary>Runs a command line.</summary>
    /// <returns>The exit code, one of <see cref="ExitCodes"/>.</returns>
    public static async Task<int> RunAsync(string[] args, CommandLineEnvironment environment, CancellationToken cancellationToken)
    {
        if (args is ["__complete", .. var typed])
        {
            CompletionCommand.Answer(environment, Root(environment), typed);
            return ExitCodes.Success;
        }

        var parsed = Root(environment).Parse(args.Length == 0 ? ["--help"] : args);
        var errors = Errors(parsed).ToList();
        if (errors.Count > 0)
        {
            foreach (var error in errors)
            {
                await environment.Error.WriteLineAsync($"error: {error}").ConfigureAwait(false);
            }

            await environment.Error.WriteLineAsync("See 'kubectl octopoid --help'.").ConfigureAwait(false);
            return ExitCodes.Usage;
        }

        try
        {
            var configuration = new InvocationConfiguration { Output = environment.Output, Error = environment.Error, EnableDefaultExceptionHandler = false };
            return await parsed.InvokeAsync(configuration, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (Sentence(e) is { } sentence)
        {
            await environment.Error.WriteLineAsync($"error: {sentence}").ConfigureAwait(false);
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static IEnumerable<string> Errors(ParseResult parsed)
    {
        // The parser takes an option that it does not know for an argument: it would become a prompt, or a comment that approves.
        if (parsed.Tokens.All(token => token.Type != TokenType.DoubleDash)
            && parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).FirstOrDefault(IsOption) is { } option)
        {
            return [$"Unknown option {option.Value}. A text that begins with a dash comes after --."];
        }

        // What is said of the word that is wrong is enough.
        return (parsed.UnmatchedTokens.Count > 0 ? parsed.Errors.TakeLast(1) : parsed.Errors).Select(error => error.Message);
    }

    private static bool IsOption(Token token) => token.Value is ['-', var next, ..] && !char.IsAsciiDigit(next);

    private static RootCommand Root(CommandLineEnvironment environment) => new("Pools of AI coding agents on Kubernetes: status, and the words that tasks wait for.")
    {
        GlobalOptions.Namespace, GlobalOptions.Context, GlobalOptions.Kubeconfig, GlobalOptions.Format,
        StatusCommand.Create(environment),
        ExplainCommand.Create(environment),
        RunCommand.Create(environment),
        LogsCommand.Create(environment),
        CancelCommand.Create(environment),
        DecideCommand.Create(environment, "approve", "Approve what a task waits for a person to decide."),
        DecideCommand.Create(environment, "reject", "Send a task back; the comment is the next attempt's feedback."),
        DecideCommand.Create(environment, "retry", "Begin a failed or cancelled task again."),
        PauseCommand.Create(environment, isPaused: true),
        PauseCommand.Create(environment, isPaused: false),
        ScaleCommand.Create(environment),
        MigrateCommand.Create(environment),
        VersionCommand.Create(environment),
        CompletionCommand.Create(environment),
    };

    /// <summary>What to say of a failure; null where it is a bug, which is not to be hidden.</summary>
    internal static string? Sentence(Exception failure) => failure switch
    {
        CliException or ApiException => failure.Message,
        HttpRequestException or TimeoutException => $"No answer from the API server: {failure.Message}",
        IOException => $"The connection to the API server was lost: {failure.Message}",
        k8s.Autorest.HttpOperationException { Response.Content: var content } => ApiMessage(content),
        _ => null,
    };

    private static string ApiMessage(string content)
    {
        try
        {
            return (string?)System.Text.Json.Nodes.JsonNode.Parse(content)?["message"] ?? content;
        }
        catch (System.Text.Json.JsonException)
        {
            return content;
        }
    }
}
