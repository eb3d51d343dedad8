using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;
using Octopoid.Operator.Webhooks;
using Octopoid.Testing;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Webhooks;

/// <summary>What comes to the port of webhooks, over real sockets, and what of it reaches the API server.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private const string Secret = "a secret – not only ASCII";
    private const string Status = "/apis/octopoid.dev/v1alpha1/namespaces/team/agentrepositories";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero));
    private readonly TemporaryFolder _folder = new("octopoid-webhooks-");
    private readonly HttpClient _client = new(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8 });
    private ApiServerStub _api = null!;
    private WebhookServer _server = null!;
    private WebhookLog _log = null!;
    private CancellationTokenSource _stop = null!;

    public static TheoryData<ForgeFormat> Formats => [.. Enum.GetValues<ForgeFormat>()];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    private string Secrets => _folder.Combine("secrets");

    private Uri Address => new($"http://127.0.0.1:{_server.Address!.Port}");

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Secrets);
        File.WriteAllText(Path.Combine(Secrets, "current"), Secret + "\n");
        _api = await ApiServerStub.StartAsync(List, TimeProvider.System);
        _stop = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        _ = _api.Elector.RunAsync((_, _) => Task.CompletedTask, _stop.Token);
        await _api.Watches.StartAsync(_stop.Token);
        await _api.Watches.RelistAsync("to test", [ResourcePaths.Repositories], CancellationToken);
        var options = new OperatorOptions { WebhookPort = 0, WebhookSecrets = Secrets };
        var failures = new FailureLog(_time);
        _server = new WebhookServer(
            new WebhookReceiver(
                new WebhookSecrets(options, _time, failures, new Logger<WebhookSecrets>(_api.Log)),
                _api.Watches,
                new WebhookRelay(_api.Transport, _api.Watches, _time, new Jitter(new Random(1)), failures, new Logger<WebhookRelay>(_api.Log)),
                _log = new WebhookLog(_api.Meters, _time, new Logger<WebhookLog>(_api.Log)),
                _time),
            options,
            TimeProvider.System,
            NullLoggerFactory.Instance);
        await _server.StartAsync(CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync(System.Threading.CancellationToken.None);
        await _server.DisposeAsync();
        _log.Dispose();
        await _stop.CancelAsync();
        await _api.DisposeAsync();
        await _folder.DisposeAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task One_of_pull_requests_is_told_to_every_repository_that_it_is_of_and_to_no_other(ForgeFormat format)
    {
        Assert.Equal((HttpStatusCode.Accepted, "AgentRepositories that are counted anew: 2.\n"), await SendAsync(OfPullRequest(format, "Acme/Code")));

        var name = format.ToString().ToLowerInvariant();
        await UntilToldAsync(2);
        Assert.Equal([$"{Status}/{name}-twin/status", $"{Status}/{name}/status"], _api.Patches.Select(patch => patch.Path).Order());
        Assert.All(_api.Patches, patch => Assert.Equal("""{"status":{"lastWebhookTime":"2026-01-02T03:04:05.678Z"}}""", patch.Body));
        Assert.Empty(_api.Log.Warnings);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task What_no_secret_of_ours_has_signed_is_refused(ForgeFormat format)
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(OfPullRequest(format, secret: null))).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(OfPullRequest(format, secret: ""))).Code);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(OfPullRequest(format, secret: "another"))).Code);
        foreach (var proof in new[] { "sha256=", "sha1=0123", new string('0', 64), "sha256=" + new string('z', 64), new string('g', 64), new string('0', 5_000), Secret + "x", Secret[..^1] })
        {
            var forged = OfPullRequest(format, secret: null);
            foreach (var header in new[] { "X-Hub-Signature-256", "X-Gitlab-Token", "X-Gitea-Signature" })
            {
                forged.Headers.Remove(header);
                forged.Headers.TryAddWithoutValidation(header, proof);
            }

            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(forged)).Code);
        }

        Assert.Empty(_api.Patches);
    }

    [Theory]
    [InlineData(ForgeFormat.GitHub)]
    [InlineData(ForgeFormat.Gitea)]
    public async Task A_body_that_was_changed_on_its_way_is_refused(ForgeFormat format)
    {
        var signed = OfPullRequest(format);
        var body = await signed.Content!.ReadAsByteArrayAsync(CancellationToken);
        body[^1] = (byte)' ';
        signed.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(signed)).Code);
    }

    [Theory]
    [InlineData(ForgeFormat.GitHub, "ping", """{"zen":"Keep it logically awesome."}""", HttpStatusCode.OK)]
    [InlineData(ForgeFormat.GitHub, "push", """{"repository":{"full_name":"acme/code"}}""", HttpStatusCode.OK)]
    [InlineData(ForgeFormat.Gitea, "pull_request_comment", """{"repository":{"full_name":"acme/code"}}""", HttpStatusCode.OK)]
    [InlineData(ForgeFormat.GitLab, "", """{"object_kind":"note","project":{"path_with_namespace":"acme/code"}}""", HttpStatusCode.OK)]
    [InlineData(ForgeFormat.GitLab, "", "{}", HttpStatusCode.OK)]
    [InlineData(ForgeFormat.GitHub, "pull_request", """{"repository":{"full_name":"acme/other"}}""", HttpStatusCode.OK)]
    [InlineData(ForgeFormat.GitHub, "pull_request", """{"repository":{"full_name":"acme"}}""", HttpStatusCode.OK)]
    [InlineData(ForgeFormat.GitHub, "pull_request", """{"repository":{}}""", HttpStatusCode.BadRequest)]
    [InlineData(ForgeFormat.GitHub, "pull_request", """{"repository":7}""", HttpStatusCode.BadRequest)]
    [InlineData(ForgeFormat.GitHub, "pull_request", "null", HttpStatusCode.BadRequest)]
    [InlineData(ForgeFormat.GitHub, "pull_request", "", HttpStatusCode.BadRequest)]
    [InlineData(ForgeFormat.GitLab, "", """{"object_kind":"merge_request","project":null}""", HttpStatusCode.BadRequest)]
    [InlineData(ForgeFormat.Gitea, "pull_request", "{", HttpStatusCode.BadRequest)]
    public async Task What_is_signed_and_of_nothing_that_is_counted_does_nothing(ForgeFormat format, string kind, string body, HttpStatusCode expected)
    {
        Assert.Equal(expected, (await SendAsync(ForgeWebhooks.Create(format, Address, Encoding.UTF8.GetBytes(body), kind, Secret))).Code);
        Assert.Empty(_api.Patches);
    }

    [Fact]
    public async Task What_is_no_webhook_is_told_what_one_is()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "/metrics")))).Code);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri(Address, "/webhooks/github")))).Code);
        var form = OfPullRequest(ForgeFormat.GitHub);
        form.Content!.Headers.ContentType = new("application/x-www-form-urlencoded");
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "A webhook is a POST of application/json: choose that as its content type.\n"), await SendAsync(form));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_too_large_is_refused_whether_it_says_so_or_not(bool isSaid)
    {
        var large = ForgeWebhooks.Create(ForgeFormat.GitHub, Address, new byte[WebhookReceiver.LargestBody + 1], "pull_request", Secret);
        large.Headers.TransferEncodingChunked = !isSaid;
        large.Headers.ExpectContinue = isSaid;
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await SendAsync(large)).Code);

        var body = Encoding.UTF8.GetBytes("""{"repository":{"full_name":"acme/code"}}""".PadRight(WebhookReceiver.LargestBody));
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(ForgeWebhooks.Create(ForgeFormat.GitHub, Address, body, "pull_request", Secret))).Code);
    }

    [Fact]
    public async Task What_does_not_come_in_time_is_given_up()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _server.Address!.Port, CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync("POST /webhooks/github HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256=0\r\nContent-Length: 9\r\n\r\n{"u8.ToArray(), CancellationToken);
        using var reader = new StreamReader(stream);
        var answer = reader.ReadLineAsync(CancellationToken).AsTask();
        while (!answer.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken));
        }

        Assert.Equal("HTTP/1.1 408 Request Timeout", await answer);
    }

    [Fact]
    public async Task Many_at_once_are_one_write_and_one_more_for_what_came_meanwhile()
    {
        for (var i = 0; i < 50; i++)
        {
            await SendAsync(OfPullRequest(ForgeFormat.GitHub));
        }

        await UntilToldAsync(2);
        await Eventually.IsAsync(() => Pass(1) && _api.Patches.Count == 4);
        await StaysAsync(4);
    }

    [Fact]
    public async Task A_write_that_fails_is_told_and_tried_again()
    {
        _api.PatchAnswer = HttpStatusCode.InternalServerError;
        await SendAsync(OfPullRequest(ForgeFormat.GitHub));
        await UntilToldAsync(2);
        await Eventually.IsAsync(() => _api.Log.Warnings.Any(line => line.Contains("cannot be written yet", StringComparison.Ordinal)));

        _api.PatchAnswer = HttpStatusCode.OK;
        await Eventually.IsAsync(() => Pass(1) && _api.Patches.Count == 4);
        await StaysAsync(4);
    }

    [Fact]
    public async Task What_is_gone_is_not_tried_again()
    {
        _api.PatchAnswer = HttpStatusCode.NotFound;
        await SendAsync(OfPullRequest(ForgeFormat.GitHub));
        await UntilToldAsync(2);
        await StaysAsync(2);
    }

    [Fact]
    public async Task Refusals_are_told_by_one_line_a_minute_with_their_number_and_none_is_kept_for_later()
    {
        for (var i = 0; i < 20; i++)
        {
            await SendAsync(OfPullRequest(ForgeFormat.GitHub, secret: null));
            await SendAsync(OfPullRequest(ForgeFormat.GitLab, secret: "another"));
        }

        Pass(59);
        Assert.Single(_api.Log.Warnings);
        Pass(1);
        Pass(120);
        await SendAsync(OfPullRequest(ForgeFormat.GitHub, secret: null));
        Assert.Equal(
            [
                "Webhooks were refused (number, provider, why): 1 github unsigned. Whatever more there are is told in a minute.",
                "Webhooks were refused (number, provider, why): 19 github unsigned, 20 gitlab forged. Whatever more there are is told in a minute.",
                "Webhooks were refused (number, provider, why): 1 github unsigned. Whatever more there are is told in a minute.",
            ],
            _api.Log.Warnings);
    }

    [Fact]
    public async Task A_load_balancer_that_looks_in_is_answered_and_not_told_of()
    {
        using var answer = await _client.GetAsync(Address, CancellationToken);
        Assert.Equal((HttpStatusCode.OK, false), (answer.StatusCode, answer.Headers.ConnectionClose ?? false));
        Assert.Empty(_api.Log.Warnings);
    }

    [Fact]
    public async Task Who_is_refused_is_hung_up_on()
    {
        using var refused = await _client.SendAsync(OfPullRequest(ForgeFormat.GitHub, secret: null), CancellationToken);
        Assert.True(refused.Headers.ConnectionClose);
    }

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n", "400 Bad Request")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nabcdefgh\r\n0\r\n\r\n", "400 Bad Request")]
    public async Task A_body_that_is_not_sent_as_HTTP_has_it_is_answered(string rest, string expected)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _server.Address!.Port, CancellationToken);
        await socket.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes("POST /webhooks/github HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nX-Hub-Signature-256: sha256=0\r\n" + rest), CancellationToken);
        using var reader = new StreamReader(socket.GetStream());
        Assert.Equal($"HTTP/1.1 {expected}", await reader.ReadLineAsync(CancellationToken));
    }

    [Fact]
    public async Task A_secret_is_taken_up_while_the_one_before_still_holds()
    {
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(OfPullRequest(ForgeFormat.GitHub))).Code);
        File.WriteAllText(Path.Combine(Secrets, "next"), "new");
        File.WriteAllText(Path.Combine(Secrets, "..hidden"), "hidden");
        _time.Advance(TimeSpan.FromSeconds(10));
        foreach (var format in Enum.GetValues<ForgeFormat>())
        {
            Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(OfPullRequest(format))).Code);
            Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(OfPullRequest(format, secret: "new"))).Code);
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(OfPullRequest(format, secret: "hidden"))).Code);
        }

        File.Delete(Path.Combine(Secrets, "current"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(OfPullRequest(ForgeFormat.GitHub))).Code);
        Assert.Equal(HttpStatusCode.Accepted, (await SendAsync(OfPullRequest(ForgeFormat.GitHub, secret: "new"))).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_any_secret_nothing_is_taken_in(bool isFolderThere)
    {
        File.WriteAllText(Path.Combine(Secrets, "current"), "\n");
        if (!isFolderThere)
        {
            Directory.Delete(Secrets, recursive: true);
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SendAsync(OfPullRequest(ForgeFormat.GitLab, secret: ""))).Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await SendAsync(OfPullRequest(ForgeFormat.GitHub))).Code);
        Assert.Contains(_api.Log.Warnings, line => line.StartsWith(isFolderThere ? "Webhooks are refused: no file" : "Webhooks' secrets cannot be read", StringComparison.Ordinal));
    }

    private HttpRequestMessage OfPullRequest(ForgeFormat format, string repository = "acme/code", string? secret = Secret) =>
        ForgeWebhooks.OfPullRequest(format, Address, repository, secret);

    private async Task<(HttpStatusCode Code, string Text)> SendAsync(HttpRequestMessage request)
    {
        using var answer = await _client.SendAsync(request, CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken));
    }

    private Task UntilToldAsync(int count) => Eventually.IsAsync(() => _api.Patches.Count == count);

    /// <summary>No more are written, however much time passes.</summary>
    private async Task StaysAsync(int count)
    {
        for (var i = 0; i < 20; i++)
        {
            Pass(30);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken);
        }

        Assert.Equal(count, _api.Patches.Count);
    }

    private bool Pass(int seconds)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        return true;
    }

    /// <summary>Of each forge two objects that speak of one repository, and one of another.</summary>
    private static (int Code, string Items) List(string path) => (200, !path.EndsWith("/agentrepositories", StringComparison.Ordinal) ? "" : string.Join(
        ',',
        from provider in new[] { "github", "gitlab", "gitea" }
        from suffix in new[] { "", "-twin", "-other" }
        let url = $"https://forge.example/acme/{(suffix == "-other" ? "mobile" : "code")}{(suffix == "-twin" ? ".git" : "")}"
        select $$$"""{"metadata":{"namespace":"team","name":"{{{provider}}}{{{suffix}}}","uid":"{{{provider}}}{{{suffix}}}","resourceVersion":"1"},"spec":{"provider":"{{{provider}}}","url":"{{{url}}}"}}"""));
}
