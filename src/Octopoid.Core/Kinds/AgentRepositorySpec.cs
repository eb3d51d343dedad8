namespace Octopoid.Core.Kinds;

/// <summary>
/// A repository, and the two secrets that go with it: one for agents to clone and push with, one for the operator to count with.
/// </summary>
public sealed record AgentRepositorySpec
{
    /// <summary>What agents clone: http(s), ssh, git or file URL, or <c>user@host:path</c>; no credentials in it.</summary>
    public string Url { get; init => field = value ?? ""; } = "";

    /// <summary>The branch that work starts from. Default: <c>main</c>.</summary>
    public string BaseBranch { get; init => field = value ?? "main"; } = "main";

    /// <summary>Whose API tells of pull requests. Default: <see cref="RepositoryProvider.None"/>.</summary>
    public RepositoryProvider Provider { get; init; } = RepositoryProvider.None;

    /// <summary>The root of that API; null: the provider's public one, or the one at the URL's host.</summary>
    public string? ApiUrl { get; init; }

    /// <summary>The Secret that agents clone and push with, mounted into their pods and never read by the operator.</summary>
    public string? GitSecretName { get; init; }

    /// <summary>The Secret that the operator counts pull requests with, never mounted.</summary>
    public string? ApiSecretName { get; init; }

    /// <summary>Which pull requests count, how often they are counted, and how many may be open.</summary>
    public PullRequestPolicy PullRequests { get; init => field = value ?? new(); } = new();
}
