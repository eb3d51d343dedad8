using System.Globalization;
using System.Security.Cryptography;

namespace Octopoid.Testing.Forges;

/// <summary>The tokens and Apps of a forge. The forge's lock guards it.</summary>
internal sealed class ForgeCredentials : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private readonly Dictionary<string, ForgeCredential> _tokens = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ForgeApp> _apps = new(StringComparer.Ordinal);

    /// <summary>The limit of all who come without a token.</summary>
    public ForgeLimit Anonymous { get; } = new(60);

    /// <summary>How many tokens the forge has issued to Apps.</summary>
    public int Issued { get; private set; }

    /// <summary>Adds a user's token.</summary>
    public void AddToken(string token, int? limitPerHour, string? label)
    {
        var number = (_tokens.Count + 1).ToString(CultureInfo.InvariantCulture);
        _tokens[token] = new ForgeCredential(label ?? $"token-{number}", $"user ID {number}", new ForgeLimit(limitPerHour), null);
    }

    /// <summary>Takes a token back, or those of an installation by their label.</summary>
    public void Revoke(string tokenOrLabel)
    {
        foreach (var (token, credential) in _tokens.Where(pair => pair.Key == tokenOrLabel || pair.Value.Label == tokenOrLabel).ToList())
        {
            _tokens[token] = credential with { IsRevoked = true };
        }
    }

    /// <summary>Adds an App's installation, or gives the App another key.</summary>
    public void AddApp(string appId, string installationId, RSAParameters key, int? limitPerHour)
    {
        if (!_apps.TryGetValue(appId, out var app))
        {
            _apps[appId] = app = new ForgeApp(appId);
        }

        app.Key = key;
        if (app.Installations.TryGetValue(installationId, out var limit))
        {
            limit.PerHour = limitPerHour;
        }
        else
        {
            app.Installations[installationId] = new ForgeLimit(limitPerHour);
        }
    }

    /// <summary>Who an Authorization header says its request is from.</summary>
    public ForgeIdentity Identify(string authorization)
    {
        var parts = authorization.Split(' ', 2, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return new ForgeIdentity(null, null, null);
        }

        if (parts.Length == 2 && parts[0].ToUpperInvariant() is "BEARER" or "TOKEN")
        {
            if (_tokens.TryGetValue(parts[1], out var credential))
            {
                return new ForgeIdentity(parts[1], credential.Label, credential);
            }

            var issuer = ForgeApp.Issuer(parts[1]);
            return new ForgeIdentity(parts[1], issuer is not null && _apps.ContainsKey(issuer) ? $"app:{issuer}" : "unknown", null);
        }

        return new ForgeIdentity("", "unknown", null);
    }

    /// <summary>Issues an installation's token to an App.</summary>
    /// <param name="jwt">The App's JWT.</param>
    /// <param name="installationId">The installation's ID.</param>
    /// <param name="now">The forge's time.</param>
    public ForgeAnswer Issue(string jwt, string installationId, DateTimeOffset now)
    {
        if (ForgeApp.Issuer(jwt) is not { } issuer || !_apps.TryGetValue(issuer, out var app))
        {
            return ForgeBodies.Message(401, ForgeApp.Undecodable);
        }

        if (app.Refusal(jwt, now) is { } refusal)
        {
            return ForgeBodies.Message(401, refusal);
        }

        if (!app.Installations.TryGetValue(installationId, out var limit))
        {
            return ForgeBodies.NotFound();
        }

        // The wire tells whole seconds.
        var expiresAt = DateTimeOffset.FromUnixTimeSeconds((now + Lifetime).ToUnixTimeSeconds());
        var token = "ghs_" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 36);
        _tokens[token] = new ForgeCredential($"installation:{installationId}", $"installation ID {installationId}", limit, expiresAt);
        Issued++;
        return ForgeBodies.Token(token, expiresAt);
    }

    public void Dispose()
    {
        foreach (var app in _apps.Values)
        {
            app.Dispose();
        }
    }
}
