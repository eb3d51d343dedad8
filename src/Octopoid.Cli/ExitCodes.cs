namespace Octopoid.Cli;

/// <summary>What the process says at its end. <c>docs/plugin.md</c> tells users.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>The API server refused, or gave no answer; or what was asked for cannot be done as things stand.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>A task that was followed has failed.</summary>
    public const int TaskFailed = 3;

    /// <summary>A task that was followed was cancelled.</summary>
    public const int TaskCancelled = 4;

    /// <summary>Interrupted before it was done, as shells have it: 128 and the number of SIGINT.</summary>
    public const int Interrupted = 130;
}
