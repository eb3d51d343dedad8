namespace Octopoid.Cli;

/// <summary>Ends the command with a sentence for whoever has typed it.</summary>
internal sealed class CliException(string message, Exception? cause = null) : Exception(message, cause);
