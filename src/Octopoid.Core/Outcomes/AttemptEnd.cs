using Octopoid.Core.Kinds;

namespace Octopoid.Core.Outcomes;

/// <summary>How an attempt ended, and whose fault it was.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Class">Whose fault; null when nobody's.</param>
/// <param name="Reason">Why, in a word.</param>
/// <param name="Message">The same in a sentence; may be empty.</param>
public sealed record AttemptEnd(AttemptOutcome Outcome, FailureClass? Class, string Reason, string Message)
{
    /// <summary>What the agent itself said; null when it said nothing.</summary>
    public AgentResult? Result { get; init; }

    /// <summary>True when its agent could not even be started; several in a row make its blueprint degraded.</summary>
    public bool IsStartFailure { get; init; }

    /// <summary>An attempt that failed through no fault of its agent or task.</summary>
    /// <param name="reason">Why, in a word.</param>
    /// <param name="message">The same in a sentence.</param>
    public static AttemptEnd Infrastructure(string reason, string message) =>
        new(AttemptOutcome.Failed, FailureClass.Infrastructure, reason, message);

    /// <summary>An attempt whose agent could not even be started: its blueprint's, or the cluster's, fault.</summary>
    /// <param name="reason">Why, in a word.</param>
    /// <param name="message">The same in a sentence.</param>
    public static AttemptEnd StartFailure(string reason, string message) => Infrastructure(reason, message) with { IsStartFailure = true };

    /// <summary>An attempt that a person ended.</summary>
    /// <param name="result">What its agent had said by then.</param>
    public static AttemptEnd Cancelled(AgentResult? result = null) =>
        new(AttemptOutcome.Cancelled, null, Reasons.Cancelled, "The task was cancelled.") { Result = result };

    /// <summary>An attempt whose agent or task failed.</summary>
    /// <param name="reason">Why, in a word.</param>
    /// <param name="message">The same in a sentence.</param>
    public static AttemptEnd Failure(string reason, string message) =>
        new(AttemptOutcome.Failed, FailureClass.Task, reason, message);
}
