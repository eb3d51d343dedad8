using System.Net.Http.Headers;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge.GitLab;

/// <summary>GitLab, gitlab.com or self-managed (https://docs.gitlab.com/api/merge_requests, /api/rest).</summary>
/// <remarks>A list is read page by page as its Link headers lead. How many there are in all is never asked: GitLab does not say it beyond 10,000.</remarks>
internal sealed class GitLabProvider : IForgeProvider
{
    private static readonly ForgeRefusal.QuotaHeaders Limits = new("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset");

    /// <inheritdoc/>
    public int PageSize => 100;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string> { ["Accept"] = "application/json" };

    /// <inheritdoc/>
    public Uri Page(RepositoryAddress address, int number) =>
        new($"{Root(address)}/merge_requests?state=opened&order_by=created_at&sort=asc&per_page={PageSize}&page={number}");

    /// <inheritdoc/>
    public Uri PullRequest(RepositoryAddress address, long number) => new($"{Root(address)}/merge_requests/{number}");

    /// <inheritdoc/>
    public IReadOnlyList<ListedPullRequest> ReadPage(ForgeAnswer answer) => [.. answer.Read(GitLabJson.Default.Page).Select(request => Listed(answer, request))];

    /// <inheritdoc/>
    public ListedPullRequest ReadPullRequest(ForgeAnswer answer) => Listed(answer, answer.Read(GitLabJson.Default.GitLabMergeRequest));

    /// <inheritdoc/>
    public Uri? Next(ForgeAnswer answer) => LinkHeader.Next(answer);

    /// <inheritdoc/>
    public ForgeQuota? Quota(ForgeAnswer answer, DateTimeOffset now) => ForgeRefusal.Quota(answer, Limits, now);

    /// <inheritdoc/>
    public CountFailure Judge(ForgeAnswer answer, DateTimeOffset now) => ForgeRefusal.Judge(answer, answer.TryRead(GitLabJson.Default.GitLabError)?.Text, Limits, now);

    /// <inheritdoc/>
    public ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(
        RepositoryAddress address, ForgeCredentials credentials, bool isRefused, CancellationToken cancellationToken) =>
        ValueTask.FromResult(credentials.TokenOf("GitLab") is { } token ? new AuthenticationHeaderValue("Bearer", token) : null);

    /// <summary>A project is named by its whole path, as one segment.</summary>
    private static string Root(RepositoryAddress address) => $"{address.ApiRoot}/projects/{Uri.EscapeDataString($"{address.Owner}/{address.Name}")}";

    private static ListedPullRequest Listed(ForgeAnswer answer, GitLabMergeRequest? request) => request is { Iid: > 0, State: not null, SourceBranch: { } branch }
        ? new ListedPullRequest(
            request.Iid,
            request.State switch { "opened" or "locked" => PullRequestState.Open, "merged" => PullRequestState.Merged, _ => PullRequestState.Closed },
            branch,
            request.Sha,
            request.SourceProjectId is { } source && source == request.TargetProjectId,
            [.. (request.Labels ?? []).OfType<string>()])
        : throw new ForgeException(Reasons.MalformedAnswer, $"{answer.Address.Host} told of a merge request without number, state or branch.");
}
