using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Octopoid.Testing.Forges;

/// <summary>Merge requests as GitLab tells of them (https://docs.gitlab.com/api/merge_requests). The forge's lock guards them.</summary>
internal static class GitLabRoutes
{
    /// <summary>The answer to a request.</summary>
    /// <param name="forge">The forge.</param>
    /// <param name="request">The request.</param>
    /// <param name="path">What follows the API's root, its segments unescaped: a project's path is one.</param>
    public static ForgeAnswer Answer(TestForge forge, ForgeRequest request, string[] path)
    {
        if (path is not ["projects", var project, .. var rest] || request.Method != "GET")
        {
            return NotFound("404 Not Found");
        }

        var cut = project.LastIndexOf('/');
        var (owner, name) = cut < 0 ? ("", "") : (project[..cut], project[(cut + 1)..]);
        var repository = long.TryParse(project, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? forge.Find(one => one.Id == id)
            : forge.Find(one => one.IsNamed(owner, name));
        if (repository is null)
        {
            return forge.Find(one => one.WasNamed(owner, name)) is { } renamed ? Moved(request, renamed, rest) : NotFound("404 Project Not Found");
        }

        return rest switch
        {
            ["merge_requests"] => List(repository, request),
            ["merge_requests", var number] when long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known) && repository.Find(known) is { } found =>
                ForgeBodies.Of(200, Body(repository, found)),
            _ => NotFound("404 Not found"),
        };
    }

    /// <summary>What GitLab says of a limit that is reached: a text, and no JSON.</summary>
    public static ForgeAnswer RateLimited(long reset, DateTimeOffset now) => new ForgeAnswer(429, "Retry later\n", "text/plain")
        .With("Retry-After", Math.Max(1, reset - now.ToUnixTimeSeconds()).ToString(CultureInfo.InvariantCulture));

    private static ForgeAnswer NotFound(string message) => ForgeBodies.Of(404, new { Message = message });

    private static ForgeAnswer Moved(ForgeRequest request, ForgeRepository repository, string[] rest) => new ForgeAnswer(301, "", "text/plain")
        .With("Location", string.Join('/', [$"{request.ApiRoot}/projects/{repository.Id}", .. rest]) + request.Url.Query);

    private static ForgeAnswer List(ForgeRepository repository, ForgeRequest request)
    {
        var query = QueryHelpers.ParseQuery(request.Url.Query);
        string? Value(string name) => query.TryGetValue(name, out var value) ? (string?)value : null;

        var chosen = repository.PullRequests.Where(pull => Value("state") is not { } state || state == "all" || State(pull) == state);
        DateTimeOffset Key(ForgePullRequest pull) => Value("order_by") == "updated_at" ? pull.UpdatedAt : pull.CreatedAt;
        var sorted = (Value("sort") == "asc"
            ? chosen.OrderBy(Key).ThenBy(pull => pull.Number)
            : chosen.OrderByDescending(Key).ThenByDescending(pull => pull.Number)).ToList();
        var page = ForgePage.Of(request.Url, ForgeFormat.GitLab);
        return ForgeBodies.Of(200, page.Of(sorted).Select(pull => Body(repository, pull)).ToArray())
            .With("Link", page.Link($"{request.ApiRoot}/projects/{repository.Id}/merge_requests", sorted.Count));
    }

    private static string State(ForgePullRequest pull) => pull.IsOpen ? "opened" : pull.IsMerged ? "merged" : "closed";

    private static object Body(ForgeRepository repository, ForgePullRequest pull) => new
    {
        pull.Id,
        Iid = pull.Number,
        ProjectId = repository.Id,
        pull.Title,
        Description = (string?)null,
        State = State(pull),
        CreatedAt = ForgeBodies.Time(pull.CreatedAt),
        UpdatedAt = ForgeBodies.Time(pull.UpdatedAt),
        MergedAt = ForgeBodies.Time(pull.MergedAt),
        ClosedAt = pull.IsMerged ? null : ForgeBodies.Time(pull.ClosedAt),
        TargetBranch = pull.Base,
        SourceBranch = pull.Branch,
        SourceProjectId = pull.IsForkGone ? (long?)null : pull.IsFork ? repository.ForkId : repository.Id,
        TargetProjectId = repository.Id,
        pull.Labels,
        Draft = pull.IsDraft,
        Sha = pull.HeadSha,
        MergeCommitSha = pull.MergeSha,
        Author = new { Id = 583, Username = "octo-agent", State = "active" },
    };
}
