namespace Octopoid.Core.Kinds;

/// <summary>Which pull requests of a repository count as the pool's, how often they are counted, and how many may be open.</summary>
/// <param name="PollSeconds">Time between two counts, in seconds, 1 to 86,400. Default: 60.</param>
/// <param name="StaleAfterSeconds">
/// From this age on, in seconds, a count is too old to start by; 2 to 604,800, at least twice <see cref="PollSeconds"/>. Default: 300.
/// </param>
public sealed record PullRequestPolicy(
    int PollSeconds = 60,
    int StaleAfterSeconds = 300)
{
    /// <summary>How many may be open at once in this repository, 0 to 100,000; null: only the cluster's limit holds.</summary>
    public int? MaxOpen { get; init; }

    /// <summary>Agents' branches begin with it, and a pull request counts when its branch does. Default: <c>agent/</c>.</summary>
    public string BranchPrefix { get; init => field = value ?? "agent/"; } = "agent/";

    /// <summary>A pull request counts only when it has all of these labels; at most 16.</summary>
    public IReadOnlyList<string>? Labels { get; init; }
}
