namespace Octopoid.Core.Kinds;

/// <summary>
/// How often a task is tried again after each kind of ending. The kinds are counted apart, so a bad node never uses up a task's own
/// failures. All counts but rejections begin again when the task reaches another state.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>Failures of the task itself before it has failed, 1 to 100. Default: 3.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>Retries after failures that are not the task's fault, 0 to 1,000. Default: 10.</summary>
    public int MaxInfrastructureRetries { get; init; } = 10;

    /// <summary>Continuations after an agent has said that it needs another run, 0 to 1,000. Default: 3.</summary>
    public int MaxContinuations { get; init; } = 3;

    /// <summary>Rejections by reviews in the task's life, 0 to 100. Default: 3.</summary>
    public int MaxRejections { get; init; } = 3;

    /// <summary>Wait before the first retry, in seconds, 0 to 86,400; doubled for each further one. Default: 30.</summary>
    public int BackoffSeconds { get; init; } = 30;

    /// <summary>The longest wait before a retry, in seconds, 0 to 86,400 and at least <see cref="BackoffSeconds"/>. Default: 900.</summary>
    public int MaxBackoffSeconds { get; init; } = 900;
}
