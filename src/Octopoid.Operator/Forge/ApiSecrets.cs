using System.Collections.Concurrent;
using System.Text;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Forge;

/// <summary>Reads the Secrets that repositories name for their forge's API: those alone, by name, and never what they hold into anything that is told.</summary>
internal sealed class ApiSecrets(IApiTransport transport, TimeProvider time)
{
    /// <summary>A changed Secret is taken up after this at the latest; at once where the old credentials are refused.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    /// <summary>It has a key <c>token</c> too, and whoever may write repositories but not read Secrets must not have it sent to a host of his own.</summary>
    private const string ServiceAccountToken = "kubernetes.io/service-account-token";

    private readonly ConcurrentDictionary<NamespacedName, (ForgeCredentials Credentials, long At)> _read = new();

    /// <summary>The credentials of a repository.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="areRefused">True when those that were read last are refused.</param>
    /// <param name="cancellationToken">Abandons the reading.</param>
    /// <exception cref="ForgeException">There is no such Secret, or it lacks a key.</exception>
    public async Task<ForgeCredentials> ReadAsync(AgentRepository repository, bool areRefused, CancellationToken cancellationToken)
    {
        if (repository.Spec.ApiSecretName is not { } name)
        {
            return ForgeCredentials.Anonymous;
        }

        var key = new NamespacedName(repository.Metadata.Namespace ?? "", name);
        if (!areRefused && _read.TryGetValue(key, out var known) && time.GetElapsedTime(known.At) < Lifetime)
        {
            return known.Credentials;
        }

        var credentials = Credentials(name, await ReadAsync(key, cancellationToken).ConfigureAwait(false));
        _read[key] = (credentials, time.GetTimestamp());
        return credentials;
    }

    private async Task<ObservedSecret> ReadAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        try
        {
            return await transport.GetAsync(
                ResourcePaths.Secrets.Object(key.Namespace, key.Name), ObservedJson.Default.ObservedSecret, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            throw new ForgeException(Reasons.SecretInvalid, $"There is no Secret named {key.Name}, which spec.apiSecretName names.", e);
        }
        catch (Exception e) when (e is ApiException or HttpRequestException or TimeoutException)
        {
            throw new ForgeException(Reasons.SecretInvalid, $"The Secret {key.Name} cannot be read: {e.Message}", e);
        }
    }

    private static ForgeCredentials Credentials(string name, ObservedSecret secret)
    {
        var credentials = new ForgeCredentials
        {
            Token = Text(secret, "token"),
            AppId = Text(secret, "appId"),
            InstallationId = Text(secret, "installationId"),
            PrivateKey = Text(secret, "privateKey"),
            Authorities = Text(secret, "ca.crt"),
        };
        string?[] app = [credentials.AppId, credentials.InstallationId, credentials.PrivateKey];
        return secret.Type == ServiceAccountToken
                ? throw new ForgeException(Reasons.SecretInvalid, $"The Secret {name} is a service account's token, which is for no forge.")
            : credentials.Token is null && app.Any(part => part is not null) && app.Contains(null)
                ? throw new ForgeException(Reasons.SecretInvalid, $"The Secret {name} needs all of appId, installationId and privateKey.")
            : (credentials.Token ?? credentials.AppId ?? credentials.Authorities) is null
                ? throw new ForgeException(Reasons.SecretInvalid, $"The Secret {name} has neither a key token nor appId, installationId and privateKey.")
            : credentials.Token?.Any(c => c is <= ' ' or > '~') == true
                ? throw new ForgeException(Reasons.SecretInvalid, $"The key token of the Secret {name} has characters that no token has.")
            : credentials;
    }

    /// <summary>A key's text; a line end after it is no part of it. Null where there is none.</summary>
    private static string? Text(ObservedSecret secret, string key) =>
        secret.Data?.TryGetValue(key, out var bytes) == true && Encoding.UTF8.GetString(bytes).Trim() is { Length: > 0 } text ? text : null;
}
