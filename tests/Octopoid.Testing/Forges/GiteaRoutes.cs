using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Octopoid.Testing.Forges;

/// <summary>Pull requests as Gitea and Forgejo tell of them (https://docs.gitea.com/api). The forge's lock guards them.</summary>
internal static class GiteaRoutes
{
    /// <summary>The answer to a request.</summary>
    /// <param name="forge">The forge.</param>
    /// <param name="request">The request.</param>
    /// <param name="path">What follows the API's root.</param>
    public static ForgeAnswer Answer(TestForge forge, ForgeRequest request, string[] path)
    {
        if (path is not ["repos", var owner, var name, .. var rest] || request.Method != "GET")
        {
            return NotFound(request);
        }

        if (forge.Find(one => one.IsNamed(owner, name)) is not { } repository)
        {
            return forge.Find(one => one.WasNamed(owner, name)) is { } renamed
                ? new ForgeAnswer(307, "", "text/plain").With("Location", string.Join('/', [$"{request.ApiRoot}/repos/{renamed.FullName}", .. rest]) + request.Url.Query)
                : NotFound(request);
        }

        return rest switch
        {
            ["pulls"] => List(repository, request),
            ["pulls", var number] when long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known) && repository.Find(known) is { } found =>
                ForgeBodies.Of(200, Body(repository, found)),
            _ => NotFound(request),
        };
    }

    private static ForgeAnswer NotFound(ForgeRequest request) =>
        ForgeBodies.Of(404, new { Errors = Array.Empty<string>(), Message = "The target couldn't be found.", Url = $"{request.ApiRoot}/swagger" });

    private static ForgeAnswer List(ForgeRepository repository, ForgeRequest request)
    {
        var query = QueryHelpers.ParseQuery(request.Url.Query);
        string? Value(string name) => query.TryGetValue(name, out var value) ? (string?)value : null;

        var chosen = repository.PullRequests.Where(pull => Value("state") switch { "all" => true, "closed" => !pull.IsOpen, _ => pull.IsOpen });
        var sorted = (Value("sort") == "oldest"
            ? chosen.OrderBy(pull => pull.CreatedAt).ThenBy(pull => pull.Number)
            : chosen.OrderByDescending(pull => pull.CreatedAt).ThenByDescending(pull => pull.Number)).ToList();
        var page = ForgePage.Of(request.Url, ForgeFormat.Gitea);
        return ForgeBodies.Of(200, page.Of(sorted).Select(pull => Body(repository, pull)).ToArray())
            .With("X-Total-Count", sorted.Count.ToString(CultureInfo.InvariantCulture))
            .With("Link", page.Link($"{request.ApiRoot}/repos/{repository.FullName}/pulls", sorted.Count));
    }

    private static object Body(ForgeRepository repository, ForgePullRequest pull) => new
    {
        pull.Id,
        pull.Number,
        pull.Title,
        Body = "",
        pull.State,
        Labels = pull.Labels.Select(label => new { Id = repository.LabelId(label), Name = label, Color = "ededed" }).ToArray(),
        Draft = pull.IsDraft,
        Merged = pull.IsMerged,
        MergedAt = ForgeBodies.Time(pull.MergedAt),
        MergeCommitSha = pull.MergeSha,
        CreatedAt = ForgeBodies.Time(pull.CreatedAt),
        UpdatedAt = ForgeBodies.Time(pull.UpdatedAt),
        ClosedAt = ForgeBodies.Time(pull.ClosedAt),
        Head = new
        {
            Label = pull.Branch,

            // The branch of one that is merged is mostly gone.
            Ref = pull.IsMerged || pull.IsForkGone ? $"refs/pull/{pull.Number}/head" : pull.Branch,
            Sha = pull.HeadSha,
            RepoId = pull.IsForkGone ? -1 : pull.IsFork ? repository.ForkId : repository.Id,
        },
        Base = new { Label = pull.Base, Ref = pull.Base, Sha = pull.BaseSha, RepoId = repository.Id },
        User = new { Id = 583, Login = "octo-agent" },
    };
}
