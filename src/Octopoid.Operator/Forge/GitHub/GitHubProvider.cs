using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge.GitHub;

/// <summary>GitHub, public or Enterprise (https://docs.github.com/rest/pulls/pulls, /rest/using-the-rest-api/best-practices-for-using-the-rest-api).</summary>
internal sealed class GitHubProvider(GitHubAppTokens apps) : IForgeProvider
{
    private const int MessageLength = 200;

    /// <summary>A secondary limit without a time asks for a minute at least.</summary>
    private static readonly TimeSpan SecondaryLimit = TimeSpan.FromMinutes(1);

    /// <summary>A window is an hour; what is said to be further off is no time to go by.</summary>
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(1);

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
    public ForgeQuota? Quota(ForgeAnswer answer, DateTimeOffset now) =>
        (answer.Number("x-ratelimit-limit"), answer.Number("x-ratelimit-remaining"), UntilReset(answer)) is ({ } limit, { } remaining, { } window)
            ? new ForgeQuota((int)Math.Min(limit, int.MaxValue), (int)Math.Min(remaining, int.MaxValue), now + window)
            : null;

    /// <inheritdoc/>
    public CountFailure Judge(ForgeAnswer answer, DateTimeOffset now)
    {
        var (host, code, said) = (answer.Address.Host, (int)answer.Code, Message(answer));
        var retryAfter = answer.Headers.RetryAfter is { } header ? header.Delta ?? (header.Date is { } date ? Until(date, answer) : null) : null;
        var failure = answer.Code switch
        {
            HttpStatusCode.Unauthorized => new CountFailure(Reasons.ForgeRefused, $"{host} refuses the credentials (401){said}"),
            HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests when (retryAfter ?? Limited(answer, said)) is { } pause =>
                new CountFailure(Reasons.RateLimited, $"{host} grants no more requests for now ({code}){said}") { RetryAfter = pause },
            HttpStatusCode.Forbidden => new CountFailure(Reasons.ForgeRefused, $"{host} does not allow these credentials to read its pull requests (403){said}"),
            HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.UnavailableForLegalReasons => new CountFailure(
                Reasons.RepositoryNotFound, $"{host} has no such repository, or does not show it to these credentials ({code}){said}"),
            >= HttpStatusCode.InternalServerError => new CountFailure(Reasons.ForgeFailed, $"{host} has a failure of its own ({code}){said}") { RetryAfter = retryAfter },
            _ => new CountFailure(Reasons.MalformedAnswer, $"{host} answered with {code}{said}"),
        };
        return failure with { Quota = Quota(answer, now) };
    }

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

    /// <summary>How long the forge is to be left alone because a limit is reached; null when none is.</summary>
    private static TimeSpan? Limited(ForgeAnswer answer, string said) =>
        answer.Number("x-ratelimit-remaining") == 0 && UntilReset(answer) is { } window ? window + TimeSpan.FromSeconds(1)
        : answer.Code == HttpStatusCode.TooManyRequests
            || said.Contains("rate limit", StringComparison.OrdinalIgnoreCase) || said.Contains("abuse", StringComparison.OrdinalIgnoreCase) ? SecondaryLimit
        : null;

    /// <summary>How long it is until the next window begins. (Later than in the year 9999 is no time.)</summary>
    private static TimeSpan? UntilReset(ForgeAnswer answer) =>
        answer.Number("x-ratelimit-reset") is { } seconds and < 253_402_300_800 ? Until(DateTimeOffset.FromUnixTimeSeconds(seconds), answer) : null;

    /// <summary>How long it is until a time that the forge names, by its own clock: ours may be another.</summary>
    private static TimeSpan Until(DateTimeOffset time, ForgeAnswer answer) =>
        time <= answer.Time ? TimeSpan.Zero : time - answer.Time < LongestWindow ? time - answer.Time : LongestWindow;

    private static string Message(ForgeAnswer answer)
    {
        try
        {
            var message = answer.Body.Length > 0 ? JsonSerializer.Deserialize(answer.Body.Span, GitHubJson.Default.GitHubError)?.Message : null;

            // The first sentence says what is wrong. Those after it may have a request's number and time, and differ each time.
            var text = string.Concat(answer.Tell(string.Concat((message ?? "").Where(c => !char.IsControl(c)))).Split(". ")[0].Take(MessageLength)).TrimEnd('.');
            return text.Length > 0 ? $": {text}." : ".";
        }
        catch (JsonException)
        {
            return ".";
        }
    }
}
