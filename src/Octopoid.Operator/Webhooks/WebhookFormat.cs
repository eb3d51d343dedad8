using System.Security.Cryptography;
using System.Text.Json;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Webhooks;

/// <summary>How a forge words its webhooks, and how it proves that they are its own.</summary>
/// <param name="provider">The forge.</param>
/// <param name="name">The forge, as <c>spec.provider</c> has it.</param>
internal abstract class WebhookFormat(RepositoryProvider provider, string name)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<WebhookFormat> All { get; } = [new GitHub(), new GitLab(), new Gitea()];

    /// <summary>The forge.</summary>
    public RepositoryProvider Provider => provider;

    /// <summary>The forge, as <c>spec.provider</c> has it.</summary>
    public string Name => name;

    /// <summary>Where its webhooks are taken in.</summary>
    public string Path { get; } = $"/webhooks/{name}";

    /// <summary>True when the proof is of the body; else it can be judged before a byte of that is read.</summary>
    public virtual bool SignsBody => true;

    /// <summary>What proves that a delivery is the forge's; empty where there is nothing.</summary>
    /// <param name="headers">The delivery's headers.</param>
    public abstract string Proof(IHeaderDictionary headers);

    /// <summary>Whether a proof holds, in a time that tells nothing of the secret.</summary>
    /// <param name="proof">The proof.</param>
    /// <param name="secret">The secret that the forge was given.</param>
    /// <param name="body">The delivery's body; empty where it is not signed.</param>
    public virtual bool IsProven(string proof, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body)
    {
        Span<byte> given = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, body, expected);
        return proof.Length == 2 * given.Length
            && Convert.FromHexString(proof, given, out _, out _) == System.Buffers.OperationStatus.Done
            && CryptographicOperations.FixedTimeEquals(given, expected);
    }

    /// <summary>The repository whose pull requests have changed, as the forge names it: <c>owner/name</c>; null when the delivery is of something else.</summary>
    /// <param name="headers">The delivery's headers.</param>
    /// <param name="body">Its body.</param>
    /// <exception cref="JsonException">The body is none of the forge's.</exception>
    public abstract string? ChangedRepository(IHeaderDictionary headers, ReadOnlySpan<byte> body);

    private static string Named(string? repository) => repository ?? throw new JsonException("It names no repository.");

    /// <summary><see href="https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries"/>.</summary>
    private sealed class GitHub() : WebhookFormat(RepositoryProvider.GitHub, "github")
    {
        private const string Algorithm = "sha256=";

        public override string Proof(IHeaderDictionary headers) => headers["X-Hub-Signature-256"].ToString();

        public override bool IsProven(string proof, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body) =>
            proof.StartsWith(Algorithm, StringComparison.Ordinal) && base.IsProven(proof[Algorithm.Length..], secret, body);

        public override string? ChangedRepository(IHeaderDictionary headers, ReadOnlySpan<byte> body) => headers["X-GitHub-Event"] == "pull_request"
            ? Named(JsonSerializer.Deserialize(body, WebhookJson.Default.RepositoryEvent)?.Repository?.FullName)
            : null;
    }

    /// <summary><see href="https://docs.gitlab.com/user/project/integrations/webhooks/"/>: the secret itself comes along, and nothing is signed.</summary>
    private sealed class GitLab() : WebhookFormat(RepositoryProvider.GitLab, "gitlab")
    {
        public override bool SignsBody => false;

        public override string Proof(IHeaderDictionary headers) => headers["X-Gitlab-Token"].ToString();

        // Of the same length whatever was sent, so that not even the secret's length is told.
        public override bool IsProven(string proof, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> body) =>
            CryptographicOperations.FixedTimeEquals(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(proof)), SHA256.HashData(secret));

        // A project's and a group's have a header of their own; an installation's own have one for all kinds.
        public override string? ChangedRepository(IHeaderDictionary headers, ReadOnlySpan<byte> body) =>
            JsonSerializer.Deserialize(body, WebhookJson.Default.ProjectEvent) is { ObjectKind: "merge_request" } change
                ? Named(change.Project?.PathWithNamespace)
                : null;
    }

    /// <summary><see href="https://docs.gitea.com/usage/webhooks"/>. Forgejo sends these headers beside its own.</summary>
    private sealed class Gitea() : WebhookFormat(RepositoryProvider.Gitea, "gitea")
    {
        public override string Proof(IHeaderDictionary headers) => headers["X-Gitea-Signature"].ToString();

        public override string? ChangedRepository(IHeaderDictionary headers, ReadOnlySpan<byte> body) => headers["X-Gitea-Event"] == "pull_request"
            ? Named(JsonSerializer.Deserialize(body, WebhookJson.Default.RepositoryEvent)?.Repository?.FullName)
            : null;
    }
}
