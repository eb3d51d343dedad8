namespace Octopoid.Core.Kinds;

/// <summary>The pull request of a task.</summary>
public sealed record TaskPullRequest
{
    /// <summary>Its number in the repository.</summary>
    public long? Number { get; init; }

    /// <summary>Its page.</summary>
    public string? Url { get; init; }

    /// <summary>How it stands.</summary>
    public PullRequestState? State { get; init; }

    /// <summary>The head of its branch, as last seen.</summary>
    public string? HeadSHA { get; init; }
}
