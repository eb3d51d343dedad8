namespace Octopoid.Core.Kinds;

/// <summary>
/// How often a task is tried again after each kind of ending. The kinds are counted apart, so a bad node never uses up a task's own
/// failures. All counts but rejections begin again when the task reaches another state.
/// </summary>
/// <param name="MaxAttempts">Failures of the task itself before it has failed, 1 to 100. Default: 3.</param>
/// <param name="MaxInfrastructureRetries">Retries after failures that are not the task's fault, 0 to 1,000. Default: 10.</param>
/// <param name="MaxContinuations">Continuations after an agent has said that it needs another run, 0 to 1,000. Default: 3.</param>
/// <param name="MaxRejections">Rejections by reviews in the task's life, 0 to 100. Default: 3.</param>
/// <param name="BackoffSeconds">Wait before the first retry, in seconds, 0 to 86,400; doubled for each further one. Default: 30.</param>
/// <param name="MaxBackoffSeconds">
/// The longest wait before a retry, in seconds, 0 to 86,400 and at least <see cref="BackoffSeconds"/>. Default: 900.
/// </param>
public sealed record RetryPolicy(
    int MaxAttempts = 3,
    int MaxInfrastructureRetries = 10,
    int MaxContinuations = 3,
    int MaxRejections = 3,
    int BackoffSeconds = 30,
    int MaxBackoffSeconds = 900);
