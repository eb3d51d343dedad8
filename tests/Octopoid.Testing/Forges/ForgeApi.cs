using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Octopoid.Testing.Forges;

/// <summary>Works out the true answers of a forge. The forge's lock guards it.</summary>
/// <param name="forge">The forge.</param>
/// <param name="credentials">Its tokens and Apps.</param>
internal sealed class ForgeApi(TestForge forge, ForgeCredentials credentials)
{
    /// <summary>The answer to a request, which has its effect.</summary>
    /// <param name="request">The request.</param>
    /// <param name="identity">Who it is from.</param>
    /// <param name="body">Its body.</param>
    public ForgeAnswer Answer(ForgeRequest request, ForgeIdentity identity, ReadOnlyMemory<byte> body)
    {
        var now = forge.Now;
        if (forge.RequiresUserAgent && request.UserAgent.Length == 0)
        {
            return ForgeBodies.Message(403, "Request forbidden by administrative rules. Please send a User-Agent header.");
        }

        var path = Segments(request);
        var format = request.Format;
        if (format == ForgeFormat.GitHub && path is ["app", "installations", var installation, "access_tokens"])
        {
            return request.Method == "POST" ? credentials.Issue(identity.Secret ?? "", installation, now) : ForgeBodies.NotFound();
        }

        if (identity.Secret is not null && identity.Credential?.IsGood(now) != true)
        {
            return ForgeBodies.Message(401, "Bad credentials");
        }

        var limit = Limit(identity);
        if (format == ForgeFormat.GitHub && path is ["rate_limit"])
        {
            return ForgeBodies.RateLimit(limit, now);
        }

        // Gitea knows no limits.
        if (format != ForgeFormat.Gitea && limit.IsExhausted(now))
        {
            return format == ForgeFormat.GitLab ? GitLabRoutes.RateLimited(limit.State(now)!.Value.Reset, now) : ForgeBodies.RateLimited(identity.Credential?.Holder ?? "127.0.0.1");
        }

        var answer = identity.Credential is null && forge.RequireToken ? ForgeBodies.NotFound() : Route(request, identity, path, body);
        if (request.Method == "GET" && answer.Status == 200 && format != ForgeFormat.Gitea)
        {
            answer = Conditional(request, identity, answer);
        }

        // Only at GitHub it costs nothing to be told that nothing has changed.
        if (answer.Status != 304 || identity.Credential is null || format != ForgeFormat.GitHub)
        {
            limit.Count(now);
        }

        return answer;
    }

    /// <summary>Adds the headers that every answer has.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="request">What it is an answer to.</param>
    /// <param name="identity">Who it is for.</param>
    public ForgeAnswer Complete(ForgeAnswer answer, ForgeRequest request, ForgeIdentity identity)
    {
        var now = forge.Now;
        var headers = new Dictionary<string, string>(answer.Headers, StringComparer.OrdinalIgnoreCase);
        headers.TryAdd("Date", now.ToString("r", CultureInfo.InvariantCulture));
        var isKnown = identity.Secret is null || identity.Credential?.IsGood(now) == true;
        switch (request.Format)
        {
            case ForgeFormat.GitHub:
                headers.TryAdd("x-github-media-type", "github.v3; format=json");
                headers.TryAdd("x-github-request-id", RandomNumberGenerator.GetHexString(24));
                headers.TryAdd("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP");
                if (isKnown)
                {
                    Limit(identity).Describe(now, headers);
                }

                break;
            case ForgeFormat.GitLab:
                headers.TryAdd("Vary", "Origin");
                if (isKnown)
                {
                    Limit(identity).Describe(now, headers, "RateLimit-");
                }

                break;
        }

        return answer with { Headers = headers };
    }

    private static string[] Segments(ForgeRequest request) =>
        request.Path.StartsWith(ForgeFormats.Root(request.Format) + "/", StringComparison.Ordinal)
            ? [.. request.Path[(ForgeFormats.Root(request.Format).Length + 1)..].Split('/').Select(Uri.UnescapeDataString)]
            : [];

    private static ForgeAnswer Conditional(ForgeRequest request, ForgeIdentity identity, ForgeAnswer answer)
    {
        // Of the body alone, not of the headers, so a list's first page does not change when a second one comes.
        var hash = SHA256.HashData([.. Encoding.UTF8.GetBytes(identity.Secret + "\n"), .. answer.Body.Span]);
        var tag = $"\"{Convert.ToHexStringLower(hash)}\"";
        var asked = (request.IfNoneMatch ?? "").Split(',', StringSplitOptions.TrimEntries);
        if (!asked.Any(one => one == "*" || one == tag || one == "W/" + tag))
        {
            return answer.With("ETag", "W/" + tag).With("Cache-Control", "private, max-age=60, s-maxage=60");
        }

        return new ForgeAnswer(304, ReadOnlyMemory<byte>.Empty)
            .With("ETag", tag)
            .With("Cache-Control", "private, max-age=60, s-maxage=60");
    }

    private ForgeLimit Limit(ForgeIdentity identity) => identity.Credential?.Limit ?? credentials.Anonymous;

    private ForgeAnswer Route(ForgeRequest request, ForgeIdentity identity, string[] path, ReadOnlyMemory<byte> body)
    {
        if (request.Format != ForgeFormat.GitHub)
        {
            return request.Format == ForgeFormat.GitLab ? GitLabRoutes.Answer(forge, request, path) : GiteaRoutes.Answer(forge, request, path);
        }

        switch (path)
        {
            case ["repos", var owner, var name, .. var rest]:
                if (forge.Find(repository => repository.IsNamed(owner, name)) is { } named)
                {
                    return ForgeRoutes.Answer(named, request, rest, body, identity.Credential is not null);
                }

                return forge.Find(repository => repository.WasNamed(owner, name)) is { } renamed
                    ? Moved(request, renamed, rest)
                    : ForgeBodies.NotFound();

            case ["repositories", var text, .. var rest]:
                return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                    && forge.Find(repository => repository.Id == id) is { } identified
                        ? ForgeRoutes.Answer(identified, request, rest, body, identity.Credential is not null)
                        : ForgeBodies.NotFound();

            default:
                return ForgeBodies.NotFound();
        }
    }

    private static ForgeAnswer Moved(ForgeRequest request, ForgeRepository repository, string[] rest) => ForgeBodies.Redirect(
        request.Method is "GET" or "HEAD" ? 301 : 307,
        string.Join('/', [$"{request.ApiRoot}/repositories/{repository.Id}", .. rest.Select(Uri.EscapeDataString)]) + request.Url.Query);
}
