using Octopoid.Cli.Commands;
using Octopoid.Cli.Output;

namespace Octopoid.Cli.Tests.Commands;

/// <summary>What somebody sees who has typed a command line.</summary>
/// <param name="ExitCode">The exit code.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Terminal(int ExitCode, string Output, string Error)
{
    /// <summary>Types a command line.</summary>
    /// <param name="input">What is piped in.</param>
    /// <param name="args">The words.</param>
    /// <param name="cancellationToken">The interrupt key.</param>
    public static async Task<Terminal> TypeAsync(string input, IEnumerable<string> args, CancellationToken cancellationToken)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var environment = new CommandLineEnvironment(new Screen(output, null, hasColors: false), output, error, new StringReader(input), TimeProvider.System);
        var exitCode = await CommandLine.RunAsync([.. args], environment, cancellationToken);
        return new Terminal(exitCode, output.ToString(), error.ToString());
    }
}
