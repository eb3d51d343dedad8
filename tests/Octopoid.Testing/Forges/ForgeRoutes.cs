using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;

namespace Octopoid.Testing.Forges;

/// <summary>The endpoints of a repository. The forge's lock guards them.</summary>
internal static class ForgeRoutes
{
    /// <summary>The answer to a request.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="request">The request.</param>
    /// <param name="path">What follows the repository in its path.</param>
    /// <param name="body">Its body.</param>
    /// <param name="mayWrite">True when it carried a token.</param>
    public static ForgeAnswer Answer(
        ForgeRepository repository, ForgeRequest request, string[] path, ReadOnlyMemory<byte> body, bool mayWrite)
    {
        switch (request.Method, path)
        {
            case ("GET", []):
                return ForgeBodies.Repository(repository, request.ApiRoot);

            case ("GET", ["pulls"]):
                return List(repository, request);

            case ("GET", ["pulls", var number]):
                return Find(repository, number) is { } pull
                    ? ForgeBodies.PullRequest(200, repository, pull, request.ApiRoot)
                    : ForgeBodies.NotFound();

            case ("POST", ["pulls"]):
                return !mayWrite ? ForgeBodies.Message(401, "Requires authentication") : Create(repository, request, body);

            case ("PUT", ["pulls", var number, "merge"]):
                return !mayWrite ? ForgeBodies.Message(401, "Requires authentication")
                    : Find(repository, number) is { } merged ? Merge(repository, merged, body)
                    : ForgeBodies.NotFound();

            default:
                return ForgeBodies.NotFound();
        }
    }

    private static ForgePullRequest? Find(ForgeRepository repository, string number) =>
        long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known) ? repository.Find(known) : null;

    private static ForgeAnswer List(ForgeRepository repository, ForgeRequest request)
    {
        var query = QueryHelpers.ParseQuery(request.Url.Query);
        string? Value(string name) => query.TryGetValue(name, out var value) ? (string?)value : null;

        var sort = Value("sort") ?? "created";
        var isAscending = (Value("direction") ?? (sort == "created" ? "desc" : "asc")) == "asc";
        var chosen = repository.PullRequests.Where(pull =>
            Value("state") switch
            {
                "all" => true,
                "closed" => !pull.IsOpen,
                _ => pull.IsOpen,
            }
            && (Value("base") is not { } into || pull.Base == into)
            && (Value("head") is not { } head || !head.Contains(':', StringComparison.Ordinal) || Head(repository, pull) == head));
        DateTimeOffset Key(ForgePullRequest pull) => sort == "updated" ? pull.UpdatedAt : pull.CreatedAt;
        var sorted = (isAscending
            ? chosen.OrderBy(Key).ThenBy(pull => pull.Number)
            : chosen.OrderByDescending(Key).ThenByDescending(pull => pull.Number)).ToList();

        var page = ForgePage.Of(request.Url);
        return ForgeBodies.PullRequests(repository, page.Of(sorted), request.ApiRoot)
            .With("Link", page.Link($"{request.ApiRoot}/repositories/{repository.Id}/pulls", sorted.Count));
    }

    private static string Head(ForgeRepository repository, ForgePullRequest pull) =>
        $"{(pull.IsFork ? ForgeRepository.Contributor : repository.Owner)}:{pull.Branch}";

    private static ForgeAnswer Create(ForgeRepository repository, ForgeRequest request, ReadOnlyMemory<byte> body)
    {
        if (Parse(body) is not { } fields)
        {
            return ForgeBodies.Message(400, "Problems parsing JSON");
        }

        foreach (var field in (string[])["title", "head", "base"])
        {
            if (string.IsNullOrEmpty(Text(fields, field)))
            {
                return ForgeBodies.Invalid(field, "missing_field", null);
            }
        }

        var head = Text(fields, "head")!;
        var into = Text(fields, "base")!;
        if (!head.Contains(':', StringComparison.Ordinal))
        {
            head = $"{repository.Owner}:{head}";
        }

        var colon = head.IndexOf(':', StringComparison.Ordinal);
        var branch = head[(colon + 1)..];
        var isFork = !string.Equals(head[..colon], repository.Owner, StringComparison.OrdinalIgnoreCase);
        if (isFork && head[..colon] != ForgeRepository.Contributor)
        {
            return ForgeBodies.Invalid("head", "invalid", null);
        }

        if (!isFork && branch == into)
        {
            return ForgeBodies.Invalid(null, "custom", $"No commits between {into} and {branch}");
        }

        if (repository.PullRequests.Any(pull => pull.IsOpen && pull.Branch == branch && pull.IsFork == isFork && pull.Base == into))
        {
            return ForgeBodies.Invalid(null, "custom", $"A pull request already exists for {head}.");
        }

        var isDraft = fields.TryGetProperty("draft", out var draft) && draft.ValueKind == JsonValueKind.True;
        var number = repository.Open(branch, isDraft: isDraft, isFork: isFork, title: Text(fields, "title"), into: into);
        return ForgeBodies.PullRequest(201, repository, repository[number], request.ApiRoot)
            .With("Location", $"{request.ApiRoot}/repos/{repository.FullName}/pulls/{number.ToString(CultureInfo.InvariantCulture)}");
    }

    private static ForgeAnswer Merge(ForgeRepository repository, ForgePullRequest pull, ReadOnlyMemory<byte> body)
    {
        if (!pull.IsOpen || pull.IsDraft)
        {
            return ForgeBodies.Message(405, pull.IsOpen ? "Pull Request is still a draft" : "Pull Request is not mergeable");
        }

        var expected = body.IsEmpty || Parse(body) is not { } fields ? null : Text(fields, "sha");
        if (expected is not null && expected != pull.HeadSha)
        {
            return ForgeBodies.Message(409, "Head branch was modified. Review and try the merge again.");
        }

        repository.Merge(pull.Number);
        return ForgeBodies.Merged(repository[pull.Number]);
    }

    private static JsonElement? Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement fields, string name) =>
        fields.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
