using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Octopoid.Testing.Forges;

/// <summary>An App that is installed in the forge.</summary>
/// <param name="id">Its ID.</param>
internal sealed class ForgeApp(string id) : IDisposable
{
    /// <summary>The answer to a JWT that is none, or is signed with another key.</summary>
    public const string Undecodable = "A JSON web token could not be decoded";

    private const string BadIssuedAt = "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued";
    private const string FarExpiry = "'Expiration time' claim ('exp') is too far in the future";
    private const string BadExpiry =
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires";

    private const int LongestSeconds = 10 * 60;
    private const int DriftSeconds = 60;

    private RSA _key = RSA.Create();

    /// <summary>Its ID.</summary>
    public string Id { get; } = id;

    /// <summary>The rate limits of its installations, by their IDs.</summary>
    public Dictionary<string, ForgeLimit> Installations { get; } = new(StringComparer.Ordinal);

    /// <summary>The public half of the key that signs its JWTs.</summary>
    public RSAParameters Key
    {
        set
        {
            _key.Dispose();
            _key = RSA.Create(value);
        }
    }

    /// <summary>The ID of the App that a JWT claims to be from; null for what is no JWT.</summary>
    public static string? Issuer(string jwt)
    {
        using var claims = Part(jwt, 1);
        return claims is not null && claims.RootElement.TryGetProperty("iss", out var issuer)
            ? issuer.ValueKind switch
            {
                JsonValueKind.String => issuer.GetString(),
                JsonValueKind.Number => issuer.GetRawText(),
                _ => null,
            }
            : null;
    }

    public void Dispose() => _key.Dispose();

    /// <summary>Why a JWT is refused; null for a good one.</summary>
    /// <param name="jwt">The JWT.</param>
    /// <param name="now">The forge's time.</param>
    /// <remarks>GitHub measures the ten minutes of exp from its own clock; this forge measures them from iat too.</remarks>
    public string? Refusal(string jwt, DateTimeOffset now)
    {
        if (!IsSigned(jwt))
        {
            return Undecodable;
        }

        using var claims = Part(jwt, 1);
        if (claims is null)
        {
            return Undecodable;
        }

        var seconds = now.ToUnixTimeSeconds();
        if (!claims.RootElement.TryGetProperty("exp", out var exp) || exp.ValueKind != JsonValueKind.Number || exp.GetDouble() <= seconds)
        {
            return BadExpiry;
        }

        if (!claims.RootElement.TryGetProperty("iat", out var iat) || iat.ValueKind != JsonValueKind.Number
            || !iat.TryGetInt64(out var issuedAt) || issuedAt > seconds + DriftSeconds)
        {
            return BadIssuedAt;
        }

        return exp.GetDouble() > Math.Min(issuedAt, seconds) + LongestSeconds ? FarExpiry : null;
    }

    private static JsonDocument? Part(string jwt, int index)
    {
        var parts = jwt.Split('.');
        if (parts.Length != 3)
        {
            return null;
        }

        try
        {
            var document = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[index]));
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
            return null;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private bool IsSigned(string jwt)
    {
        using var header = Part(jwt, 0);
        if (header is null || !header.RootElement.TryGetProperty("alg", out var algorithm)
            || algorithm.ValueKind != JsonValueKind.String || algorithm.GetString() != "RS256")
        {
            return false;
        }

        var end = jwt.LastIndexOf('.');
        try
        {
            return _key.VerifyData(
                Encoding.ASCII.GetBytes(jwt[..end]),
                Base64Url.DecodeFromChars(jwt.AsSpan(end + 1)),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1);
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
