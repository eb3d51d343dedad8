using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Octopoid.Testing.Forges;

/// <summary>Webhooks as forges send them, by their public documentation.</summary>
public static class ForgeWebhooks
{
    /// <summary>The delivery that tells of a pull request.</summary>
    /// <param name="format">The forge.</param>
    /// <param name="server">Where webhooks are taken in.</param>
    /// <param name="repository">The repository, <c>owner/name</c>.</param>
    /// <param name="secret">The secret; null: the webhook has none.</param>
    /// <param name="action">What has happened to the pull request.</param>
    public static HttpRequestMessage OfPullRequest(ForgeFormat format, Uri server, string repository, string? secret, string action = "closed") => Create(
        format,
        server,
        format switch
        {
            ForgeFormat.GitLab => new Dictionary<string, object?>
            {
                ["object_kind"] = "merge_request",
                ["event_type"] = "merge_request",
                ["project"] = new Dictionary<string, object> { ["name"] = repository.Split('/')[^1], ["path_with_namespace"] = repository },
                ["object_attributes"] = new Dictionary<string, object> { ["action"] = action == "closed" ? "merge" : action },
            },
            _ => new Dictionary<string, object?>
            {
                ["action"] = action,
                ["number"] = 1,
                ["pull_request"] = new Dictionary<string, object> { ["number"] = 1, ["title"] = "A title — “with” marks" },
                ["repository"] = new Dictionary<string, object> { ["name"] = repository.Split('/')[^1], ["full_name"] = repository },
            },
        },
        "pull_request",
        secret);

    /// <summary>The delivery of any event.</summary>
    /// <param name="format">The forge.</param>
    /// <param name="server">Where webhooks are taken in.</param>
    /// <param name="body">The body.</param>
    /// <param name="kind">The event, in GitHub's words.</param>
    /// <param name="secret">The secret; null: the webhook has none.</param>
    public static HttpRequestMessage Create(ForgeFormat format, Uri server, object body, string kind, string? secret)
    {
        var bytes = body as byte[] ?? JsonSerializer.SerializeToUtf8Bytes(body);
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, $"/webhooks/{format.ToString().ToLowerInvariant()}"))
        {
            Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        foreach (var (name, value) in Headers(format, bytes, kind, secret))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private static IEnumerable<(string Name, string Value)> Headers(ForgeFormat format, byte[] body, string kind, string? secret)
    {
        var signature = secret is null ? "" : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body));
        return (format, secret) switch
        {
            (ForgeFormat.GitHub, null) => [("X-GitHub-Event", kind)],
            (ForgeFormat.GitHub, _) => [("X-GitHub-Event", kind), ("X-Hub-Signature-256", $"sha256={signature}")],
            (ForgeFormat.GitLab, null) => [("X-Gitlab-Event", "Merge Request Hook")],
            (ForgeFormat.GitLab, _) => [("X-Gitlab-Event", "Merge Request Hook"), ("X-Gitlab-Token", secret!)],

            // It names them all, and GitHub's beside its own.
            _ => [
                ("X-Gitea-Event", kind), ("X-Gitea-Event-Type", kind), ("X-Gitea-Signature", signature),
                ("X-GitHub-Event", kind), ("X-Hub-Signature-256", $"sha256={signature}"),
            ],
        };
    }
}
