using Octopoid.Core.Kinds;

namespace Octopoid.Core.PullRequests;

/// <summary>How a pull request stands by its forge.</summary>
/// <param name="State">Open, merged or closed.</param>
/// <param name="HeadSHA">The head of its branch; null where the forge did not say.</param>
public sealed record SeenPullRequest(PullRequestState State, string? HeadSHA);
