using System.Globalization;
using System.Text.Json;

namespace Octopoid.Testing.Forges;

/// <summary>The bodies of a forge's answers, as GitHub writes them.</summary>
internal static class ForgeBodies
{
    private const string Documentation = "https://docs.github.com/rest";
    private const string Login = "octo-agent";
    private const long LoginId = 583;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>A message, as of an error.</summary>
    public static ForgeAnswer Message(int status, string message, string documentation = Documentation) =>
        Of(status, new { Message = message, DocumentationUrl = documentation, Status = status.ToString(CultureInfo.InvariantCulture) });

    /// <summary>404.</summary>
    public static ForgeAnswer NotFound() => Message(404, "Not Found");

    /// <summary>The answer of a redirect.</summary>
    public static ForgeAnswer Redirect(int status, string location) => Of(
        status,
        new
        {
            Message = status is 301 or 308 ? "Moved Permanently" : status == 307 ? "Temporary Redirect" : "Found",
            Url = location,
            DocumentationUrl = "https://docs.github.com/v3/#http-redirects",
        }).With("Location", location);

    /// <summary>The answer when the primary rate limit is exceeded.</summary>
    public static ForgeAnswer RateLimited(string holder) =>
        Message(403, $"API rate limit exceeded for {holder}.", Documentation + "/overview/rate-limits-for-the-rest-api");

    /// <summary>The answer when the secondary rate limit is exceeded.</summary>
    public static ForgeAnswer SecondaryLimit(int status) => Message(
        status,
        "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
        Documentation + "/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits");

    /// <summary>422.</summary>
    /// <param name="field">Which field is wrong; null for the whole.</param>
    /// <param name="code">E.g. <c>missing_field</c>.</param>
    /// <param name="message">Why; null when the code says it.</param>
    public static ForgeAnswer Invalid(string? field, string code, string? message)
    {
        var error = new Dictionary<string, string> { ["resource"] = "PullRequest", ["code"] = code };
        if (field is not null)
        {
            error["field"] = field;
        }

        if (message is not null)
        {
            error["message"] = message;
        }

        return Of(422, new { Message = "Validation Failed", Errors = new[] { error }, DocumentationUrl = Documentation, Status = "422" });
    }

    /// <summary>An installation's token.</summary>
    public static ForgeAnswer Token(string token, DateTimeOffset expiresAt) => Of(
        201,
        new
        {
            Token = token,
            ExpiresAt = Time(expiresAt),
            Permissions = new { Contents = "write", Metadata = "read", PullRequests = "write" },
            RepositorySelection = "all",
        });

    /// <summary>What is left of a rate limit.</summary>
    public static ForgeAnswer RateLimit(ForgeLimit limit, DateTimeOffset now)
    {
        if (limit.State(now) is not { } state)
        {
            return Message(404, "Rate limiting is not enabled.");
        }

        var core = new { state.Limit, state.Used, state.Remaining, state.Reset };
        return Of(200, new { Resources = new { Core = core }, Rate = core });
    }

    /// <summary>A repository.</summary>
    public static ForgeAnswer Repository(ForgeRepository repository, string apiRoot) => Of(
        200,
        new
        {
            repository.Id,
            repository.Name,
            repository.FullName,
            Private = true,
            Owner = new { Login = repository.Owner, Type = "Organization" },
            HtmlUrl = $"{Site(apiRoot)}/{repository.FullName}",
            Fork = false,
            Url = $"{apiRoot}/repos/{repository.FullName}",
            DefaultBranch = ForgeRepository.DefaultBranch,
            OpenIssuesCount = repository.OpenCount,
            Archived = false,
            Disabled = false,
            Visibility = "private",
        });

    /// <summary>A page of pull requests.</summary>
    public static ForgeAnswer PullRequests(ForgeRepository repository, IEnumerable<ForgePullRequest> page, string apiRoot) =>
        Of(200, page.Select(pull => Listed(repository, pull, apiRoot)).ToArray());

    /// <summary>A pull request by itself.</summary>
    public static ForgeAnswer PullRequest(int status, ForgeRepository repository, ForgePullRequest pull, string apiRoot)
    {
        // Alone it has fields that it lacks in a list.
        var fields = JsonSerializer.SerializeToNode(Listed(repository, pull, apiRoot), Options)!.AsObject();
        fields["merged"] = pull.IsMerged;
        fields["mergeable"] = pull.IsOpen ? true : null;
        fields["mergeable_state"] = pull.IsOpen ? "clean" : "unknown";
        fields["commits"] = 1;
        return Of(status, fields);
    }

    /// <summary>The answer to a merge.</summary>
    public static ForgeAnswer Merged(ForgePullRequest pull) =>
        Of(200, new { Sha = pull.MergeSha, Merged = true, Message = "Pull Request successfully merged" });

    private static object Listed(ForgeRepository repository, ForgePullRequest pull, string apiRoot)
    {
        var headOwner = pull.IsForkGone ? "unknown" : pull.IsFork ? ForgeRepository.Contributor : repository.Owner;
        object? headRepository = pull.IsForkGone
            ? null
            : pull.IsFork
                ? Reference(repository.ForkId, ForgeRepository.Contributor, repository.Name, isFork: true, apiRoot)
                : Reference(repository.Id, repository.Owner, repository.Name, isFork: false, apiRoot);
        return new
        {
            Url = $"{apiRoot}/repos/{repository.FullName}/pulls/{pull.Number}",
            pull.Id,
            NodeId = $"PR_{pull.Id}",
            HtmlUrl = $"{Site(apiRoot)}/{repository.FullName}/pull/{pull.Number}",
            pull.Number,
            pull.State,
            Locked = false,
            pull.Title,
            User = new { Login, Id = LoginId, Type = "Bot" },
            Body = (string?)null,
            CreatedAt = Time(pull.CreatedAt),
            UpdatedAt = Time(pull.UpdatedAt),
            ClosedAt = Time(pull.ClosedAt),
            MergedAt = Time(pull.MergedAt),
            MergeCommitSha = pull.MergeSha,
            Labels = pull.Labels.Select(label => new { Id = repository.LabelId(label), Name = label, Color = "ededed" }).ToArray(),
            Draft = pull.IsDraft,
            Head = new { Label = $"{headOwner}:{pull.Branch}", Ref = pull.Branch, Sha = pull.HeadSha, Repo = headRepository },
            Base = new
            {
                Label = $"{repository.Owner}:{pull.Base}",
                Ref = pull.Base,
                Sha = pull.BaseSha,
                Repo = Reference(repository.Id, repository.Owner, repository.Name, isFork: false, apiRoot),
            },
            AuthorAssociation = "CONTRIBUTOR",
        };
    }

    private static object Reference(long id, string owner, string name, bool isFork, string apiRoot) => new
    {
        Id = id,
        Name = name,
        FullName = $"{owner}/{name}",
        Owner = new { Login = owner },
        Private = true,
        HtmlUrl = $"{Site(apiRoot)}/{owner}/{name}",
        Fork = isFork,
        Url = $"{apiRoot}/repos/{owner}/{name}",
        DefaultBranch = ForgeRepository.DefaultBranch,
    };

    private static string Site(string apiRoot) => apiRoot[..^ForgeFormats.Root(ForgeFormat.GitHub).Length];

    /// <summary>A time as the wire has it.</summary>
    public static string Time(DateTimeOffset time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time as the wire has it; null for none.</summary>
    public static string? Time(DateTimeOffset? time) => time is { } known ? Time(known) : null;

    /// <summary>An answer with a body, its fields in snake case.</summary>
    public static ForgeAnswer Of<T>(int status, T body) => new ForgeAnswer(status, JsonSerializer.SerializeToUtf8Bytes(body, Options))
        .With("Content-Type", ForgeAnswer.Json);
}
