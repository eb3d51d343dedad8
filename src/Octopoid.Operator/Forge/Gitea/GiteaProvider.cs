using System.Net.Http.Headers;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge.Gitea;

/// <summary>Gitea, and Forgejo, which has the same API (https://docs.gitea.com/api, https://forgejo.org/docs/latest/user/api-usage).</summary>
/// <remarks>It has neither conditional requests nor a quota of its own; a proxy before it may have both, and then they are heeded.</remarks>
internal sealed class GiteaProvider : IForgeProvider
{
    private static readonly ForgeRefusal.QuotaHeaders Limits = new("x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset");

    /// <summary>The most that an installation gives unless it is told otherwise ([api] MAX_RESPONSE_ITEMS). Where it is told to give less, the Link headers lead on.</summary>
    public int PageSize => 50;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; } = new Dictionary<string, string> { ["Accept"] = "application/json" };

    /// <inheritdoc/>
    public Uri Page(RepositoryAddress address, int number) => new($"{Root(address)}/pulls?state=open&sort=oldest&limit={PageSize}&page={number}");

    /// <inheritdoc/>
    public Uri PullRequest(RepositoryAddress address, long number) => new($"{Root(address)}/pulls/{number}");

    /// <inheritdoc/>
    public IReadOnlyList<ListedPullRequest> ReadPage(ForgeAnswer answer) => [.. answer.Read(GiteaJson.Default.Page).Select(pull => Listed(answer, pull))];

    /// <inheritdoc/>
    public ListedPullRequest ReadPullRequest(ForgeAnswer answer) => Listed(answer, answer.Read(GiteaJson.Default.GiteaPullRequest));

    /// <inheritdoc/>
    public Uri? Next(ForgeAnswer answer) => LinkHeader.Next(answer);

    /// <inheritdoc/>
    public ForgeQuota? Quota(ForgeAnswer answer, DateTimeOffset now) => ForgeRefusal.Quota(answer, Limits, now);

    /// <inheritdoc/>
    public CountFailure Judge(ForgeAnswer answer, DateTimeOffset now) => ForgeRefusal.Judge(answer, answer.TryRead(GiteaJson.Default.GiteaError)?.Message, Limits, now);

    /// <inheritdoc/>
    public ValueTask<AuthenticationHeaderValue?> AuthorizeAsync(
        RepositoryAddress address, ForgeCredentials credentials, bool isRefused, CancellationToken cancellationToken) =>
        ValueTask.FromResult(credentials.TokenOf("Gitea") is { } token ? new AuthenticationHeaderValue("token", token) : null);

    private static string Root(RepositoryAddress address) => $"{address.ApiRoot}/repos/{address.Owner}/{address.Name}";

    private static ListedPullRequest Listed(ForgeAnswer answer, GiteaPullRequest? pull) => pull is { Number: > 0, State: not null, Head: { } head, Base: not null } && (head.Label ?? head.Ref) is not null
        ? new ListedPullRequest(
            pull.Number,
            pull.State == "open" ? PullRequestState.Open : pull.Merged ? PullRequestState.Merged : PullRequestState.Closed,
            head.Label is { Length: > 0 } label ? label : head.Ref ?? "",
            head.Sha,
            head.RepoId == pull.Base.RepoId,
            [.. (pull.Labels ?? []).Select(label => label?.Name).OfType<string>()])
        : throw new ForgeException(Reasons.MalformedAnswer, $"{answer.Address.Host} told of a pull request without number, state or branch.");
}
