namespace Octopoid.Core.PullRequests;

/// <summary>What a forge has said of a repository's pull requests.</summary>
/// <param name="Open">How many of the pool's are open: those that match the policy, and those that an unfinished task has on record.</param>
public sealed record PullRequestCount(int Open)
{
    /// <summary>Those that were asked for by number, as far as the forge knows them.</summary>
    public IReadOnlyDictionary<long, SeenPullRequest> Known { get; init; } = new Dictionary<long, SeenPullRequest>();

    /// <summary>True when more are to be asked for by number than one count may: the next is due soon.</summary>
    public bool HasMore { get; init; }

    /// <summary>How many requests it took, those that were answered with "not modified" among them.</summary>
    public int Requests { get; init; }

    /// <summary>What is left of the quota; null where the forge has none.</summary>
    public ForgeQuota? Quota { get; init; }

    /// <summary>The least pause before the next count that the quota allows; null: none.</summary>
    public TimeSpan? Pause { get; init; }

    /// <summary>Something that a person should know though the count is good, one sentence; null: nothing.</summary>
    public string? Notice { get; init; }
}
