using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

public sealed class TestForgeFaultTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private TestForge _forge = null!;
    private ForgeRepository _repository = null!;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _forge = await TestForge.StartAsync(_time);
        _forge.AddToken("a-token");
        _repository = _forge.Add("octo", "reef");
        _repository.Open("octopoid/one");
        Authorize();
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _forge.DisposeAsync();
    }

    [Fact]
    public async Task Faults_meet_the_requests_they_are_meant_for()
    {
        _forge.Faults.Next(ForgeFault.Error(502), count: 2, where: request => request.Path.EndsWith("/pulls", StringComparison.Ordinal));
        Assert.Equal([200, 502, 502, 200], await StatusesAsync("/pulls/1", "/pulls", "/pulls", "/pulls"));

        _forge.Faults.Always(ForgeFault.NotModified());
        Assert.Equal([304, 304], await StatusesAsync("/pulls", "/pulls"));
        _forge.Faults.Clear();

        _forge.Faults.Each(request => request.Index % 2 == 0 ? ForgeFault.Forbidden() : null);
        Assert.Equal([403, 200], await StatusesAsync("/pulls", "/pulls"));
        Assert.Equal(5, _forge.Requests.Count(request => request.IsFaulted));
        Assert.Equal(5, _forge.Faults.Met);
    }

    [Fact]
    public async Task A_body_may_be_anything_but_the_list()
    {
        _forge.Faults.Next(ForgeFault.Html());
        Assert.Equal("text/html", (await AnswerAsync()).Content.Headers.ContentType?.MediaType);

        _forge.Faults.Next(ForgeFault.InvalidJson());
        _forge.Faults.Next(ForgeFault.TruncatedJson());
        for (var i = 0; i < 2; i++)
        {
            var answer = await AnswerAsync();
            Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
            await Assert.ThrowsAsync<JsonException>(() => answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken));
        }

        _forge.Faults.Next(ForgeFault.Header("Link", "<http://elsewhere.invalid/>; rel=\"next\""));
        Assert.Contains("elsewhere", (await AnswerAsync()).Headers.GetValues("Link").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_redirect_leads_elsewhere_or_round_and_round()
    {
        await using var other = await TestForge.StartAsync(_time);
        _forge.Faults.Next(ForgeFault.RedirectTo(other.Address));
        var away = await AnswerAsync();
        Assert.Equal($"{other.ApiRoot}/repos/octo/reef/pulls", away.Headers.Location?.AbsoluteUri);
        _forge.Faults.Next(ForgeFault.RedirectLoop(301));
        var round = await AnswerAsync();
        Assert.Equal((301, $"{_forge.ApiRoot}/repos/octo/reef/pulls"), ((int)round.StatusCode, round.Headers.Location?.AbsoluteUri));
    }

    [Fact]
    public async Task A_connection_may_be_reset_before_the_answer_or_in_it()
    {
        _forge.Faults.Next(ForgeFault.Reset());
        await Assert.ThrowsAsync<HttpRequestException>(() => AnswerAsync());
        _forge.Faults.Next(ForgeFault.CutShort());
        await Assert.ThrowsAsync<HttpRequestException>(() => AnswerAsync());

        _forge.Faults.Next(ForgeFault.Reset(hasEffect: true));
        await Assert.ThrowsAsync<HttpRequestException>(() => _client.PutAsync(Url("/pulls/1/merge"), null, CancellationToken));
        Assert.True(_repository[1].IsMerged);
        Assert.Equal([null, 200, null], _forge.Requests.Select(request => request.Status));
    }

    [Fact]
    public async Task A_request_hangs_until_the_client_goes_away()
    {
        _forge.Faults.Next(ForgeFault.Hang());
        _forge.Faults.Next(ForgeFault.HangingBody());
        for (var i = 1; i <= 2; i++)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
            var answer = _client.GetAsync(Url("/pulls"), patience.Token);
            await Eventually.IsAsync(() => _forge.Faults.Met == i);
            Assert.False(answer.IsCompleted);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
            await Eventually.IsAsync(() => _forge.Concurrent == 0);
        }

        Assert.Equal(200, await GetAsync());
        Assert.Equal(1, _forge.MaxConcurrent);
    }

    [Fact]
    public async Task Requests_that_are_held_are_under_way_at_once()
    {
        var open = new TaskCompletionSource();
        _forge.Faults.Always(ForgeFault.HeldUntil(open.Task));
        var answers = Enumerable.Range(0, 5).Select(_ => GetAsync()).ToArray();
        await Eventually.IsAsync(() => _forge.Concurrent == 5);
        open.SetResult();
        Assert.All(await Task.WhenAll(answers), status => Assert.Equal(200, status));
        Assert.Equal(5, _forge.MaxConcurrent);
    }

    [Fact]
    public async Task A_slow_body_comes_byte_by_byte()
    {
        _forge.Faults.Next(ForgeFault.Answer(new ForgeAnswer(200, "[]")).Slowly(TimeSpan.FromSeconds(10)));
        using var answer = await _client.GetAsync(Url("/pulls"), HttpCompletionOption.ResponseHeadersRead, CancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(CancellationToken);
        var read = body.ReadExactlyAsync(new byte[2], CancellationToken).AsTask();
        var before = _time.GetUtcNow();
        await Eventually.IsAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return read.IsCompleted;
        });
        await read;
        Assert.True(_time.GetUtcNow() - before >= TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Something_may_happen_between_two_pages()
    {
        for (var i = 0; i < 100; i++)
        {
            _repository.Open($"octopoid/{i}");
        }

        _forge.Faults.BeforeAnswer = request =>
        {
            if (request.PathAndQuery.EndsWith("&page=2", StringComparison.Ordinal))
            {
                _repository.Close(1);
            }
        };
        var first = await AnswerAsync("/pulls?per_page=100&direction=asc");
        var link = first.Headers.GetValues("Link").Single();
        using var second = await _client.GetAsync(new Uri(link[1..link.IndexOf('>', StringComparison.Ordinal)]), CancellationToken);

        Assert.Equal(0, (await second.Content.ReadFromJsonAsync<JsonElement>(CancellationToken)).GetArrayLength());
    }

    [Fact]
    public async Task It_answers_as_a_proxy_does()
    {
        _client.Dispose();
        _client = new HttpClient(new SocketsHttpHandler { Proxy = new WebProxy(_forge.Address), UseProxy = true });
        Authorize();
        var url = new Uri("http://forge.invalid/api/v3/repos/octo/reef/pulls?per_page=1&page=2");
        using var answer = await _client.GetAsync(url, CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith(
            $"<http://forge.invalid/api/v3/repositories/{_repository.Id}/pulls?per_page=1&page=1>; rel=\"prev\"",
            answer.Headers.GetValues("Link").Single(),
            StringComparison.Ordinal);
        Assert.Equal(1, _forge.ProxiedRequests);
    }

    private void Authorize()
    {
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("test", "1"));
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a-token");
    }

    private Uri Url(string path) => new($"{_forge.ApiRoot}/repos/octo/reef{path}");

    private async Task<List<int>> StatusesAsync(params string[] paths)
    {
        var statuses = new List<int>();
        foreach (var path in paths)
        {
            statuses.Add(await GetAsync(path));
        }

        return statuses;
    }

    private async Task<int> GetAsync(string path = "/pulls") => (int)(await AnswerAsync(path)).StatusCode;

    private Task<HttpResponseMessage> AnswerAsync(string path = "/pulls") => _client.GetAsync(Url(path), CancellationToken);
}
