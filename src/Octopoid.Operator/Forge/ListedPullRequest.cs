using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Forge;

/// <summary>What is kept of a pull request.</summary>
/// <param name="Number">Its number.</param>
/// <param name="State">How it stands.</param>
/// <param name="Branch">The branch that it is of.</param>
/// <param name="HeadSHA">The head of that branch.</param>
/// <param name="IsOfRepository">True when that branch is in the repository itself: agents push there, and a stranger's fork must not close the gate.</param>
/// <param name="Labels">Its labels.</param>
internal sealed record ListedPullRequest(
    long Number, PullRequestState State, string Branch, string? HeadSHA, bool IsOfRepository, IReadOnlyList<string> Labels)
{
    /// <summary>True when it counts as one of the pool's.</summary>
    /// <param name="policy">Which do.</param>
    public bool Matches(PullRequestPolicy policy) =>
        IsOfRepository
        && Branch.StartsWith(policy.BranchPrefix, StringComparison.Ordinal)
        && (policy.Labels ?? []).All(label => Labels.Contains(label, StringComparer.OrdinalIgnoreCase));
}
