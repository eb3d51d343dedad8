namespace Octopoid.Core.Outcomes;

/// <summary>What an attempt was for, and so what its agent owes.</summary>
/// <param name="Number">The attempt's number.</param>
public sealed record AttemptContract(int Number)
{
    /// <summary>True when it must leave a result, so that exit code 0 alone is no success: scripts, whose runner always does, tasks with a repository, reviews.</summary>
    public bool MustReport { get; init; }

    /// <summary>True when it is a review, which ends with approval or rejection.</summary>
    public bool IsReview { get; init; }

    /// <summary>True when its task has a repository.</summary>
    public bool HasRepository { get; init; }

    /// <summary>True when the work may be there already, so that nothing new is no failure: from an attempt before, or as the runner has seen for itself.</summary>
    public bool HasWork { get; init; }
}
