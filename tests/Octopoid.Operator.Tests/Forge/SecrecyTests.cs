using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Forge;
using Octopoid.Operator.Forge.GitHub;
using Octopoid.Operator.Loop;
using Octopoid.Testing.Forges;
using ForgeAnswer = Octopoid.Testing.Forges.ForgeAnswer;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>No credential is told to anybody, whatever the forge says back.</summary>
public sealed class SecrecyTests : IAsyncLifetime, IForge
{
    private const string Odd = "ghp_a+b/c=d<e>f&g'h\"i";

    private readonly ConcurrentBag<string> _told = [];
    private readonly MeterListener _listener = new();
    private readonly RSA _key = RSA.Create(2048);
    private readonly ListLogger _log = new();
    private CountingClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _client = await CountingClient.StartAsync();
        _listener.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                _told.Add($"{tag.Key}={tag.Value}");
            }
        });
        _listener.Start();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _key.Dispose();
        await _client.DisposeAsync();
    }

    async Task<PullRequestCount> IForge.CountAsync(
        AgentRepository repository, IReadOnlyDictionary<long, PullRequestState> known, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.Session.CountAsync(repository, known, cancellationToken);
        }
        catch (ForgeException e)
        {
            _told.Add(e.ToString());
            throw;
        }
    }

    [Theory]
    [InlineData("message")]
    [InlineData("escaped message")]
    [InlineData("message with control characters")]
    [InlineData("long message")]
    [InlineData("media type")]
    [InlineData("JSON that is none")]
    [InlineData("property")]
    [InlineData("location")]
    public async Task What_a_forge_says_back_is_not_told_on(string where)
    {
        foreach (var token in (string[])[CountingClient.Token, Odd])
        {
            _client.Forge.AddToken(token);
            _client.Secrets.Put(CountingClient.SecretName, new Dictionary<string, string> { ["token"] = token });
            _client.Time.Advance(TimeSpan.FromMinutes(1));
            _client.Forge.Faults.Next(ForgeFault.Answer(Echo(where, token)));
            await CountAsync();
            Untold(token);
        }
    }

    [Fact]
    public async Task What_is_said_back_in_no_HTTP_is_not_told_on()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _client.Object = _client.Object with
        {
            Spec = _client.Object.Spec with { ApiUrl = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}" },
        };
        _client.Session = _client.Open();
        foreach (var says in (string[])[$"Authorization: Bearer {CountingClient.Token}\r\n\r\n", $"HTTP/1.1 200 OK\r\n{CountingClient.Token}\r\n\r\n"])
        {
            var count = CountAsync();
            using (var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
            {
                await connection.GetStream().ReadAtLeastAsync(new byte[4096], 1, cancellationToken: TestContext.Current.CancellationToken);
                await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(says), TestContext.Current.CancellationToken);
                await count;
            }

            Untold(CountingClient.Token);
        }
    }

    [Fact]
    public async Task Neither_an_App_s_key_nor_its_tokens_are_told()
    {
        var pem = _key.ExportPkcs8PrivateKeyPem();
        _client.Forge.AddApp("42", "7", _key);
        _client.Secrets.Put(CountingClient.SecretName, new Dictionary<string, string> { ["appId"] = "42", ["installationId"] = "7", ["privateKey"] = pem });
        var sent = new ConcurrentBag<string>();
        await using var echo = await EchoServer.StartAsync(sent);
        var there = _client.Object.Spec with { ApiUrl = echo.Address };
        var here = _client.Object.Spec;
        foreach (var spec in (AgentRepositorySpec[])[there, here])
        {
            _client.Object = _client.Object with { Spec = spec };
            _client.Session = _client.Open();
            await CountAsync();
        }

        _client.Secrets.Put(
            CountingClient.SecretName, new Dictionary<string, string> { ["appId"] = "42", ["installationId"] = "7", ["privateKey"] = pem[..400] });
        _client.Time.Advance(TimeSpan.FromHours(1));
        await CountAsync();

        Assert.NotEmpty(sent);
        foreach (var secret in sent.Append(pem[40..80]))
        {
            Untold(secret);
        }

        Assert.DoesNotContain(_told, text => text.Contains("ghs_", StringComparison.Ordinal));
    }

    [Fact]
    public void Records_do_not_print_what_they_hold()
    {
        var all = string.Join(
            '\n',
            new ForgeCredentials { Token = "word", PrivateKey = "word" },
            new GitHubToken { Token = "word" },
            new Operator.Watch.ObservedSecret { Data = new Dictionary<string, byte[]> { ["word"] = [1] } },
            new Operator.Forge.ForgeRequest(HttpMethod.Get, new Uri("http://host/"), new("Bearer", "word")),
            new Operator.Forge.ForgeAnswer(HttpStatusCode.OK, new HttpResponseMessage().Headers, "word", Encoding.ASCII.GetBytes("word"), new Uri("http://host/"))
            {
                Credential = "word",
            });
        Assert.DoesNotContain("word", all, StringComparison.Ordinal);
    }

    private static ForgeAnswer Echo(string where, string token) => where switch
    {
        "message" => new ForgeAnswer(403, $$"""{"message":"Bad: Bearer {{token.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}"""),
        "escaped message" => new ForgeAnswer(403, $$"""{"message":"Bad: {{string.Concat(token.Select(c => $"\\u{(int)c:x4}"))}}"}"""),
        "message with control characters" => new ForgeAnswer(403, $$"""{"message":"{{string.Concat(token.Select(c => $"\\u{(int)c:x4}\\u0007"))}}"}"""),
        "long message" => new ForgeAnswer(403, $$"""{"message":"{{new string('x', 180)}}{{token.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}"""),
        "media type" => new ForgeAnswer(200, "<html/>", $"text/{token.Split('+')[0]}"),
        "JSON that is none" => new ForgeAnswer(200, token),
        "property" => new ForgeAnswer(200, $"[{{\"labels\":{JsonSerializer.Serialize(new Dictionary<string, int> { [token] = 1 })}}}]"),
        _ => new ForgeAnswer(302, "").With("Location", $"http://{token[..12].Replace('_', '-').Replace('+', '-').Replace('/', '-')}.example/{Uri.EscapeDataString(token)}"),
    };

    private void Untold(string secret)
    {
        Assert.NotEmpty(_told);

        // Of what is cut, the beginning would be enough to know it by.
        var part = secret[..Math.Min(secret.Length, 14)];
        Assert.All(_told, text => Assert.DoesNotContain(part, text, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Counts, and notes all that is told of it.</summary>
    private async Task CountAsync()
    {
        var count = new CountPullRequests(this, new Inbox(_client.Time), new FailureLog(_client.Time), _log);
        var fact = await count.CountAsync(new Decision.CountPullRequests(_client.Object, 1, new Dictionary<long, PullRequestState>()), TestContext.Current.CancellationToken);
        _told.Add(fact.ToString());
        foreach (var line in _log.Lines)
        {
            _told.Add(line);
        }

        Assert.DoesNotContain(_told, text => text.Contains("could not be dealt with", StringComparison.Ordinal));
    }

    private sealed class ListLogger : ILogger<CountPullRequests>
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{formatter(state, exception)} {exception}");
    }
}
