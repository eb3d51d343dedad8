using System.Net.Http.Headers;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge.GitHub;

/// <summary>GitHub, public or Enterprise (https://docs.github.com/rest/pulls/pulls, /rest/using-the-rest-api/best-practices-for-using-the-rest-api).</summary>
internal sealed class GitHubProvider(GitHubAppTokens apps) : IForgeProvider
{
    private static readonly ForgeRefusal.QuotaHeaders Limits = new("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset");

    /// <inheritdoc/>
    public int PageSize => 100;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string>
    {
        ["Accept"] = "application/vnd.github+json", ["X-GitHub-Api-Version"] = "2022-11-28",
    };

    /// <inheritdoc/>
    public Uri Page(RepositoryAddress address, int number) =>
        new($"{Root(address)}/pulls?state=open&sort=created&direction=asc&per_page={PageSize}&page={number}");

    /// <inheritdoc/>
    public Uri PullRequest(RepositoryAddress address, long number) => new($"{Root(address)}/pulls/{number}");

    /// <inheritdoc/>
    public IReadOnlyList<ListedPullRequest> ReadPage(ForgeAnswer answer) => [.. answer.Read(GitHubJson.Default.Page).Select(pull => Listed(answer, pull))];

    /// <inheritdoc/>
    public ListedPullRequest ReadPullRequest(ForgeAnswer answer) => Listed(answer, answer.Read(GitHubJson.Default.GitHubPullRequest));

    /// <inheritdoc/>
    public Uri? Next(ForgeAnswer answer) => LinkHeader.Next(answer);

    /// <inheritdoc/>
    public ForgeQuota? Quota(ForgeAnswer answer, DateTimeOffset now) => ForgeRefusal.Quota(answer, Limits, now);

    /// <inheritdoc/>
    public CountFailure Judge(ForgeAnswer answer, DateTimeOffset now) => ForgeRefusal.Judge(answer, answer.TryRead(GitHubJson.Default.GitHubError)?.Message, Limits, now);

    /// <inheritdoc/>
    public async ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(
        RepositoryAddress address, ForgeCredentials credentials, bool isRefused, CancellationToken cancellationToken)
    {
        var token = credentials.Token is not null || credentials.AppId is null
            ? credentials.Token
            : await apps.TokenAsync(this, address, credentials, isRefused, cancellationToken).ConfigureAwait(false);
        return token is null ? null : new AuthenticationHeaderValue("Bearer", token);
    }

    private static string Root(RepositoryAddress address) => $"{address.ApiRoot}/repos/{address.Owner}/{address.Name}";

    private static ListedPullRequest Listed(ForgeAnswer answer, GitHubPullRequest? pull) => pull is { Number: > 0, State: not null, Head.Ref: { } branch }
        ? new ListedPullRequest(
            pull.Number,
            pull.State == "open" ? PullRequestState.Open : pull.MergedAt is not null ? PullRequestState.Merged : PullRequestState.Closed,
            branch,
            pull.Head.Sha,
            pull.Head.Repo is { } head && head.Id == pull.Base?.Repo?.Id,
            [.. (pull.Labels ?? []).Select(label => label?.Name).OfType<string>()])
        : throw new ForgeException(Reasons.MalformedAnswer, $"{answer.Address.Host} told of a pull request without number, state or branch.");
}
