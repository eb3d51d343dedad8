using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>A forge whose certificate is signed by an authority that the system does not know.</summary>
public sealed class AuthorityTests : IAsyncLifetime
{
    private readonly TestAuthority _authority = new("the house's own");
    private readonly TestAuthority _stranger = new("a stranger");
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private X509Certificate2 _certificate = null!;
    private Task _serving = Task.CompletedTask;
    private CountingClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _client = await CountingClient.StartAsync();
        _listener.Start();
        _client.Object = _client.Object with
        {
            Spec = _client.Object.Spec with { ApiUrl = $"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}" },
        };
        _client.Session = _client.Open();
        Serve(_authority.Issue("localhost"));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        await _serving;
        await _client.DisposeAsync();
        _certificate.Dispose();
        _authority.Dispose();
        _stranger.Dispose();
        _stopping.Dispose();
    }

    [Fact]
    public async Task It_is_trusted_when_the_Secret_names_it_and_not_otherwise()
    {
        await RefusedAsync();
        Trust(_stranger.Pem);
        await RefusedAsync();
        Trust(_authority.Pem);
        Assert.Equal(0, (await _client.CountAsync()).Open);
        Trust(_stranger.Pem + _authority.Pem);
        Assert.Equal(0, (await _client.CountAsync()).Open);

        // What is trusted for one Secret is not for another.
        Trust(null);
        await RefusedAsync();
    }

    [Fact]
    public async Task Another_host_s_certificate_is_refused()
    {
        Serve(_authority.Issue("other.example"));
        Trust(_authority.Pem);
        await RefusedAsync();
    }

    [Fact]
    public async Task A_certificate_that_has_ended_is_refused()
    {
        Serve(_authority.Issue("localhost", isOver: true));
        Trust(_authority.Pem);
        await RefusedAsync();
    }

    private async Task RefusedAsync()
    {
        var failure = await _client.FailAsync();
        Assert.Equal(Reasons.ForgeUnreachable, failure.Reason);
        Assert.Contains("certificate", failure.Message, StringComparison.Ordinal);
    }

    private void Trust(string? authorities)
    {
        var data = new Dictionary<string, string> { ["token"] = CountingClient.Token };
        if (authorities is not null)
        {
            data["ca.crt"] = authorities;
        }

        _client.Secrets.Put(CountingClient.SecretName, data);
        _client.Time.Advance(TimeSpan.FromMinutes(1));
    }

    private void Serve(X509Certificate2 certificate)
    {
        _certificate?.Dispose();
        _certificate = certificate;
        if (_serving.IsCompleted)
        {
            _serving = ServeAsync();
        }
    }

    /// <summary>Answers each connection's one request by an empty list.</summary>
    private async Task ServeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(_certificate);
                var buffer = new byte[8192];
                await stream.ReadAtLeastAsync(buffer, 1, cancellationToken: _stopping.Token);
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]"), _stopping.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException or ObjectDisposedException
                or System.Security.Authentication.AuthenticationException)
            {
                // The client trusts us not, or the test is over.
            }
        }
    }
}
