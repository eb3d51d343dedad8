using Octopoid.Cli.Output;

namespace Octopoid.Cli.Commands;

/// <summary>Where a command reads, writes and tells the time.</summary>
/// <param name="Screen">For people.</param>
/// <param name="Output">For programs.</param>
/// <param name="Error">For what went wrong.</param>
/// <param name="Input">What is piped in.</param>
/// <param name="Time">The clock.</param>
internal sealed record CommandLineEnvironment(Screen Screen, TextWriter Output, TextWriter Error, TextReader Input, TimeProvider Time)
{
    /// <summary>The process's own.</summary>
    public static CommandLineEnvironment Process() => new(Screen.Standard(), Console.Out, Console.Error, Console.In, TimeProvider.System);
}
