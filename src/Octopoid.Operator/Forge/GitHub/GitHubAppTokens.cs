using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge.GitHub;

/// <summary>Tokens of GitHub Apps' installations, renewed before they end
/// (https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation).</summary>
internal sealed class GitHubAppTokens(ForgeTransport transport, TimeProvider time)
{
    /// <summary>A token is not used in its last minutes: a count may take some.</summary>
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    /// <summary>As long as it lasts, whatever is said of its end.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>What is said of the time of a request lies in the past, for clocks differ; a request is good for ten minutes at most.</summary>
    private static readonly TimeSpan Backdated = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(9);

    private readonly ConcurrentDictionary<(string, string?, string?, string?), (string Token, DateTimeOffset Until)> _tokens = new();

    /// <summary>The token of an installation.</summary>
    public async Task<string> TokenAsync(
        IForgeProvider forge, RepositoryAddress address, ForgeCredentials credentials, bool isRefused, CancellationToken cancellationToken)
    {
        var key = (address.ApiRoot, credentials.AppId, credentials.InstallationId, credentials.PrivateKey);
        if (!isRefused && _tokens.TryGetValue(key, out var known) && time.GetUtcNow() < known.Until)
        {
            return known.Token;
        }

        // Asked by our clock first; if that is wrong, the refusal tells the forge's.
        var answer = await AskAsync(forge, address, credentials, time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
        if (answer.Code == System.Net.HttpStatusCode.Unauthorized && (answer.Time - time.GetUtcNow()).Duration() > TimeSpan.FromSeconds(2))
        {
            answer = await AskAsync(forge, address, credentials, answer.Time, cancellationToken).ConfigureAwait(false);
        }

        if (answer.Code != System.Net.HttpStatusCode.Created)
        {
            throw new ForgeException(forge.Judge(answer, time.GetUtcNow()) is var failure && failure.Reason == Reasons.RepositoryNotFound
                ? failure with { Reason = Reasons.ForgeRefused, Message = $"{answer.Address.Host} knows no such installation of the App ({(int)answer.Code})." }
                : failure)
            {
                IsUnauthorized = answer.Code == System.Net.HttpStatusCode.Unauthorized,
            };
        }

        var issued = answer.Read(GitHubJson.Default.GitHubToken);
        if (issued is not { Token: { Length: > 0 } token, ExpiresAt: { } expires })
        {
            throw new ForgeException(Reasons.MalformedAnswer, $"{answer.Address.Host} gave no token.");
        }

        var left = expires - answer.Time;
        _tokens[key] = (token, time.GetUtcNow() + (left < Lifetime ? left : Lifetime) - Margin);
        return token;
    }

    private Task<ForgeAnswer> AskAsync(
        IForgeProvider forge, RepositoryAddress address, ForgeCredentials credentials, DateTimeOffset now, CancellationToken cancellationToken) => transport.SendAsync(
        new ForgeRequest(
            HttpMethod.Post,
            new Uri($"{address.ApiRoot}/app/installations/{Uri.EscapeDataString(credentials.InstallationId!)}/access_tokens"),
            new AuthenticationHeaderValue("Bearer", Sign(credentials, now)))
        {
            Headers = forge.Headers, Authorities = credentials.Authorities,
        },
        cancellationToken);

    /// <summary>A JSON Web Token, signed by the App (RFC 7519, RS256).</summary>
    private static string Sign(ForgeCredentials credentials, DateTimeOffset now)
    {
        using var rsa = RSA.Create();
        try
        {
            rsa.ImportFromPem(credentials.PrivateKey);
            var claims = $$"""{"iat":{{(now - Backdated).ToUnixTimeSeconds()}},"exp":{{(now + GoodFor - Backdated).ToUnixTimeSeconds()}},"iss":"{{JsonEncodedText.Encode(credentials.AppId!)}}"}""";
            var text = $"{Encode("""{"alg":"RS256","typ":"JWT"}"""u8)}.{Encode(Encoding.UTF8.GetBytes(claims))}";
            return $"{text}.{Encode(rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))}";
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ForgeException(Reasons.SecretInvalid, "The key privateKey of the API Secret is no RSA private key in PEM form.", e);
        }
    }

    private static string Encode(ReadOnlySpan<byte> bytes) => Base64Url.EncodeToString(bytes);
}
