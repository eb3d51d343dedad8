using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Octopoid.Testing;

namespace Octopoid.Benchmarks;

/// <summary>A client with nothing of ours in it.</summary>
internal static class BareClient
{
    /// <summary>Makes one.</summary>
    /// <param name="server">The server that it talks to, by HTTP/2.</param>
    /// <param name="token">As whom.</param>
    public static HttpClient Create(ControlPlane server, string token)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(server.CertificateAuthorityPath);
        return new HttpClient(new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } })
        {
            BaseAddress = server.Uri,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
    }
}
