namespace Octopoid.Core.PullRequests;

/// <summary>Why open pull requests could not be counted.</summary>
/// <param name="Reason">In a word of <see cref="Kinds.Reasons"/>.</param>
/// <param name="Message">In a sentence. It is shown to people, so no secret is in it.</param>
public sealed record CountFailure(string Reason, string Message)
{
    /// <summary>How long the forge wants to be left alone; null where it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What is left of the quota; null where that is not known.</summary>
    public ForgeQuota? Quota { get; init; }
}
