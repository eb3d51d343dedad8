using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Authentication;

namespace Octopoid.Kubernetes.Transport;

/// <summary>One HTTP client for one reading of the configuration, with sockets of its own.</summary>
/// <remarks>KubernetesClient's own client is not made: with it come the models and operations of all of Kubernetes, tens of MiB that nobody here needs.</remarks>
internal sealed class ApiClient : IDisposable
{
    /// <summary>Makes it; opens nothing yet.</summary>
    /// <param name="configuration">Server, certificates and credentials.</param>
    /// <exception cref="UriFormatException">The server's address is none.</exception>
    public ApiClient(KubernetesClientConfiguration configuration)
    {
        Server = new Uri(configuration.Host);
        Credentials = k8s.Kubernetes.CreateCredentials(configuration);
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            ConnectTimeout = TimeSpan.FromSeconds(10),

            // A peer that is gone without a word is noticed in less than a minute, long before a watch's own watchdog.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        };
        var tls = handler.SslOptions;
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // Who writes insecure-skip-tls-verify wants just this.
            tls.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { } authorities)
        {
            tls.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
                k8s.Kubernetes.CertificateValidationCallBack(sender, authorities, certificate, chain, errors);
        }

        if (OwnCertificate(configuration) is { } own)
        {
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => own;
        }

        // A watch lives longer than any deadline; each other request carries its own.
        Http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };

        // The name that the server's certificate is to have, where its address is another's: `tls-server-name`.
        Http.DefaultRequestHeaders.Host = string.IsNullOrEmpty(configuration.TlsServerName) ? null : configuration.TlsServerName;
    }

    /// <summary>Where requests go.</summary>
    public Uri Server { get; }

    /// <summary>What sends them.</summary>
    public HttpClient Http { get; }

    /// <summary>What is put into each; null when the certificate alone, or nothing, says who we are.</summary>
    public ServiceClientCredentials? Credentials { get; }

    /// <inheritdoc/>
    public void Dispose() => Http.Dispose();

    private static X509Certificate2? OwnCertificate(KubernetesClientConfiguration configuration)
    {
        var certificate = Pem(configuration.ClientCertificateData, configuration.ClientCertificateFilePath);
        var key = Pem(configuration.ClientCertificateKeyData, configuration.ClientKeyFilePath);
        if (certificate is null || key is null)
        {
            return null;
        }

        // Through PKCS #12, since Windows' TLS takes no key that is in memory alone.
        using var read = X509Certificate2.CreateFromPem(certificate, key);
        return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }

    private static string? Pem(string? data, string? path) =>
        !string.IsNullOrWhiteSpace(data) ? Encoding.UTF8.GetString(Convert.FromBase64String(data))
        : !string.IsNullOrWhiteSpace(path) ? File.ReadAllText(path)
        : null;
}
