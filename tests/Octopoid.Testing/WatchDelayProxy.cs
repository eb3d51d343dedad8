using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Octopoid.Testing;

/// <summary>A reverse proxy before an API server that brings the events of watches late, and passes on everything else at once: what an operator
/// knows by watching is always old, what it writes and reads is not.</summary>
/// <remarks>Unlike <see cref="FaultProxy"/> it ends the TLS, for a watch shares its connection with all else.</remarks>
public sealed class WatchDelayProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client;
    private readonly Uri _server;
    private readonly TimeSpan _delay;

    private WatchDelayProxy(ControlPlane controlPlane, X509Certificate2 certificate, TimeSpan delay)
    {
        _server = controlPlane.Uri;
        _delay = delay;
        _client = CreateClient(controlPlane);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        _app = builder.Build();
        _app.Run(PassAsync);
        CertificateAuthority = certificate.ExportCertificatePem();
    }

    /// <summary>Where it listens.</summary>
    public Uri Uri => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    /// <summary>The certificate to trust it by, as PEM.</summary>
    public string CertificateAuthority { get; }

    /// <summary>Starts one.</summary>
    /// <param name="controlPlane">What is behind it.</param>
    /// <param name="delay">How late it brings events.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    public static async Task<WatchDelayProxy> StartAsync(ControlPlane controlPlane, TimeSpan delay, CancellationToken cancellationToken)
    {
        var proxy = new WatchDelayProxy(controlPlane, CreateCertificate(), delay);
        await proxy._app.StartAsync(cancellationToken);
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        // Watches have no end of their own that could be waited for.
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    private static HttpClient CreateClient(ControlPlane controlPlane)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(controlPlane.CertificateAuthorityPath);
        var handler = new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    private static X509Certificate2 CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=watch-delay-proxy", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private async Task PassAsync(HttpContext context)
    {
        try
        {
            using var request = await RequestAsync(context.Request);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            context.Response.StatusCode = (int)response.StatusCode;
            context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
            if (context.Request.Query.ContainsKey("watch"))
            {
                await context.Response.StartAsync(context.RequestAborted);
                await PassLateAsync(body, context.Response.Body, context.RequestAborted);
            }
            else
            {
                await body.CopyToAsync(context.Response.Body, context.RequestAborted);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            // One of the two ends is gone: so is the other.
            context.Abort();
        }
    }

    private async Task<HttpRequestMessage> RequestAsync(HttpRequest from)
    {
        var request = new HttpRequestMessage(new HttpMethod(from.Method), new Uri(_server, from.Path + from.QueryString.ToString()));
        var body = new MemoryStream();
        await from.Body.CopyToAsync(body);
        if (body.Length > 0)
        {
            request.Content = new ByteArrayContent(body.ToArray());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", from.ContentType);
        }

        request.Headers.TryAddWithoutValidation("Accept", from.Headers.Accept.AsEnumerable());
        request.Headers.TryAddWithoutValidation("Authorization", from.Headers.Authorization.AsEnumerable());
        return request;
    }

    private async Task PassLateAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        // Of any length: an event moves, the stream is not slowed.
        var line = Channel.CreateUnbounded<(long At, byte[] Bytes)>();
        var reading = ReadAsync(from, line.Writer, cancellationToken);
        await foreach (var (at, bytes) in line.Reader.ReadAllAsync(cancellationToken))
        {
            if (_delay - TimeProvider.System.GetElapsedTime(at) is var rest && rest > TimeSpan.Zero)
            {
                await Task.Delay(rest, TimeProvider.System, cancellationToken);
            }

            await to.WriteAsync(bytes, cancellationToken);
            await to.FlushAsync(cancellationToken);
        }

        await reading;
    }

    private static async Task ReadAsync(Stream from, ChannelWriter<(long At, byte[] Bytes)> line, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[16 * 1024];
            while (await from.ReadAsync(buffer, cancellationToken) is var count and > 0)
            {
                line.TryWrite((TimeProvider.System.GetTimestamp(), buffer[..count]));
            }

            line.Complete();
        }
        catch (Exception e)
        {
            line.Complete(e);
        }
    }
}
