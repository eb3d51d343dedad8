using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Forge;

/// <summary>The pooled connections to forges: one pool for those whom the system trusts, and one for each set of certificate authorities of its own. Proxies
/// are those of the environment (<c>HTTPS_PROXY</c>, <c>NO_PROXY</c>).</summary>
internal sealed class ForgeConnections : IDisposable
{
    /// <summary>Forges move; a name is looked up again after this.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, Lazy<HttpMessageInvoker>> _pools = new();

    /// <summary>The pool for a set of authorities.</summary>
    /// <param name="authorities">PEM; null: the system's alone.</param>
    /// <exception cref="ForgeException">It is no such PEM.</exception>
    public HttpMessageInvoker PoolOf(string? authorities) =>
        _pools.GetOrAdd(authorities ?? "", key => new Lazy<HttpMessageInvoker>(() => Open(key))).Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var pool in _pools.Values.Where(pool => pool.IsValueCreated))
        {
            pool.Value.Dispose();
        }
    }

    private static HttpMessageInvoker Open(string authorities)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect may lead to another host, which the token is not for.
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = System.Net.DecompressionMethods.All,
            PooledConnectionLifetime = Lifetime,
            ConnectTimeout = TimeSpan.FromSeconds(10),
        };
        if (authorities.Length > 0)
        {
            var roots = Roots(authorities);
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                errors == SslPolicyErrors.None
                || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsTrusted(certificate, chain, roots));
        }

        return new HttpMessageInvoker(handler);
    }

    private static X509Certificate2Collection Roots(string authorities)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(authorities);
        }
        catch (CryptographicException)
        {
            roots.Clear();
        }

        return roots.Count > 0 ? roots : throw new ForgeException(Reasons.SecretInvalid, "The key ca.crt of the API Secret holds no certificate in PEM form.");
    }

    private static bool IsTrusted(X509Certificate? certificate, X509Chain? chain, X509Certificate2Collection roots)
    {
        if (certificate is not X509Certificate2 server || chain is null)
        {
            return false;
        }

        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Clear();
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(server);
    }
}
