using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

public sealed class TestForgeTests : IAsyncLifetime
{
    private const string Token = "a-token";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
    private readonly List<HttpResponseMessage> _answers = [];
    private TestForge _forge = null!;
    private ForgeRepository _repository = null!;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    private string Pulls => $"/repos/{_repository.FullName}/pulls";

    public async ValueTask InitializeAsync()
    {
        _forge = await TestForge.StartAsync(_time);
        _forge.AddToken(Token);
        _repository = _forge.Add("octo", "reef");
        _client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("test", "1"));
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
    }

    public async ValueTask DisposeAsync()
    {
        _answers.ForEach(answer => answer.Dispose());
        _client.Dispose();
        await _forge.DisposeAsync();
    }

    [Theory]
    [InlineData(0, "", 0, "")]
    [InlineData(30, "", 30, "")]
    [InlineData(31, "", 30, "next=2 last=2")]
    [InlineData(31, "?page=2", 1, "prev=1 first=1")]
    [InlineData(100, "?per_page=100", 100, "")]
    [InlineData(101, "?per_page=100", 100, "next=2 last=2")]
    [InlineData(101, "?per_page=1000", 100, "next=2 last=2")]
    [InlineData(250, "?per_page=100", 100, "next=2 last=3")]
    [InlineData(250, "?per_page=100&page=2", 100, "prev=1 next=3 last=3 first=1")]
    [InlineData(250, "?per_page=100&page=3", 50, "prev=2 first=1")]
    [InlineData(250, "?per_page=100&page=9", 0, "prev=3 last=3 first=1")]
    public async Task A_list_links_to_its_other_pages(int count, string query, int size, string links)
    {
        Open(count);
        var answer = await GetAsync(Pulls + query);

        Assert.Equal(size, (await JsonAsync(answer)).GetArrayLength());
        Assert.Equal(links, string.Join(' ', Links(answer).Select(link => $"{link.Key}={link.Value.Query.Split("page=").Last()}")));
        var address = $"{_forge.ApiRoot}/repositories/{_repository.Id}/pulls?";
        Assert.All(Links(answer).Values, url => Assert.StartsWith(address, url.AbsoluteUri, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_links_lead_over_all_items_and_keep_the_query()
    {
        Open(250);
        var numbers = new List<long>();
        var next = Url(Pulls + "?state=open&sort=created&direction=asc&per_page=100");
        while (next is not null)
        {
            Assert.Contains("state=open&sort=created&direction=asc&per_page=100", next.Query, StringComparison.Ordinal);
            var answer = await SendAsync(HttpMethod.Get, next);
            numbers.AddRange((await JsonAsync(answer)).EnumerateArray().Select(pull => pull.GetProperty("number").GetInt64()));
            next = Links(answer).GetValueOrDefault("next");
        }

        Assert.Equal(Enumerable.Range(1, 250).Select(number => (long)number), numbers);
    }

    [Fact]
    public async Task A_pull_request_tells_what_GitHubs_does()
    {
        _repository.Open("octopoid/one", ["agent"], isDraft: true);
        _repository.Open("octopoid/two", isFork: true);
        _repository.Open("octopoid/three", isForkGone: true);
        _time.Advance(TimeSpan.FromMinutes(1));
        var sha = _repository.Push(1);
        _repository.Merge(2);

        var one = await JsonAsync(await GetAsync(Pulls + "/1"));
        Assert.Equal("open", one.GetProperty("state").GetString());
        Assert.True(one.GetProperty("draft").GetBoolean());
        Assert.False(one.GetProperty("merged").GetBoolean());
        Assert.Equal("2026-01-02T03:04:05Z", one.GetProperty("created_at").GetString());
        Assert.Equal("2026-01-02T03:05:05Z", one.GetProperty("updated_at").GetString());
        Assert.Equal(JsonValueKind.Null, one.GetProperty("closed_at").ValueKind);
        Assert.Equal("agent", one.GetProperty("labels")[0].GetProperty("name").GetString());
        Assert.Equal(sha, one.GetProperty("head").GetProperty("sha").GetString());
        Assert.Equal("octo:octopoid/one", one.GetProperty("head").GetProperty("label").GetString());
        Assert.Equal(_repository.Id, one.GetProperty("head").GetProperty("repo").GetProperty("id").GetInt64());

        var all = await JsonAsync(await GetAsync(Pulls + "?state=all&direction=asc"));
        Assert.Equal(["open", "closed", "open"], all.EnumerateArray().Select(pull => pull.GetProperty("state").GetString()));
        Assert.True(all[1].GetProperty("head").GetProperty("repo").GetProperty("fork").GetBoolean());
        Assert.Equal("2026-01-02T03:05:05Z", all[1].GetProperty("merged_at").GetString());
        Assert.Equal(JsonValueKind.Null, all[2].GetProperty("head").GetProperty("repo").ValueKind);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(Pulls + "/4")).StatusCode);
    }

    [Fact]
    public async Task What_has_not_changed_is_answered_by_304_and_not_counted()
    {
        Open(3);
        var first = await GetAsync(Pulls);
        var again = await GetAsync(Pulls, first.Headers.ETag);
        _repository.Push(2);
        var changed = await GetAsync(Pulls, first.Headers.ETag);

        Assert.Equal([200, 304, 200], _forge.Requests.Select(request => request.Status ?? 0));
        Assert.Equal(["4999", "4999", "4998"], new[] { first, again, changed }.Select(answer => Header(answer, "x-ratelimit-remaining")));
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(CancellationToken));
        Assert.Equal(_time.GetUtcNow(), first.Headers.Date);
        Assert.Equal("application/json; charset=utf-8", first.Content.Headers.ContentType?.ToString());
    }

    [Fact]
    public async Task A_full_first_page_has_not_changed_when_a_second_one_comes()
    {
        Open(100);
        var query = Pulls + "?per_page=100&direction=asc";
        var first = await GetAsync(query);
        Open(1);

        Assert.Equal(HttpStatusCode.NotModified, (await GetAsync(query, first.Headers.ETag)).StatusCode);
        Assert.Contains("next", Links(await GetAsync(query)).Keys);
    }

    [Fact]
    public async Task Another_token_has_another_ETag()
    {
        _forge.AddToken("another");
        var first = await GetAsync(Pulls);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("token", "another");

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Pulls, first.Headers.ETag)).StatusCode);
        Assert.Equal(["token-1", "token-2"], _forge.Requests.Select(request => request.Credential));
    }

    [Fact]
    public async Task An_old_name_is_redirected_to_the_identifier()
    {
        Open(1);
        var old = Pulls;
        _repository.Rename("atoll");
        var answer = await GetAsync(old + "?state=open");

        Assert.Equal(HttpStatusCode.MovedPermanently, answer.StatusCode);
        Assert.Equal($"{_forge.ApiRoot}/repositories/{_repository.Id}/pulls?state=open", answer.Headers.Location?.AbsoluteUri);
        Assert.Equal("Moved Permanently", await MessageAsync(answer));
        Assert.Equal(1, (await JsonAsync(await SendAsync(HttpMethod.Get, answer.Headers.Location!))).GetArrayLength());
        var named = await JsonAsync(await GetAsync($"/repositories/{_repository.Id}"));
        Assert.Equal("octo/atoll", named.GetProperty("full_name").GetString());

        _forge.Add("octo", "reef");
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(old)).StatusCode);
    }

    [Fact]
    public async Task Without_a_token_nothing_is_there_and_a_wrong_one_is_refused()
    {
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
        Assert.Equal((401, "Bad credentials"), await TroubleAsync(Pulls));

        _client.DefaultRequestHeaders.Authorization = null;
        Assert.Equal((404, "Not Found"), await TroubleAsync(Pulls));
        _forge.RequireToken = false;
        Assert.Equal("60", Header(await GetAsync(Pulls), "x-ratelimit-limit"));

        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        _forge.RevokeToken(Token);
        Assert.Equal((401, "Bad credentials"), await TroubleAsync(Pulls));
        Assert.Equal(["unknown", null, null, "token-1"], _forge.Requests.Select(request => request.Credential));
    }

    [Fact]
    public async Task An_App_gets_a_token_that_is_good_for_an_hour_of_the_forges_clock()
    {
        using var key = RSA.Create(2048);
        _forge.AddApp("12", "34", key.ExportSubjectPublicKeyInfoPem(), limitPerHour: 100);
        _forge.ForgeClockSkew = TimeSpan.FromMinutes(5);
        var forgesNow = _time.GetUtcNow() + _forge.ForgeClockSkew;

        var answer = await IssueAsync(Jwt(key, "12", forgesNow, forgesNow.AddMinutes(10)));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var issued = await JsonAsync(answer);
        Assert.Equal(forgesNow.AddHours(1), issued.GetProperty("expires_at").GetDateTimeOffset());
        Assert.Equal(forgesNow, answer.Headers.Date);

        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", issued.GetProperty("token").GetString());
        _time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("99", Header(await GetAsync(Pulls), "x-ratelimit-remaining"));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal((401, "Bad credentials"), await TroubleAsync(Pulls));
        Assert.Equal(["app:12", "installation:34", "installation:34"], _forge.Requests.Select(request => request.Credential));
    }

    [Theory]
    [InlineData("12", 0, 600, null)]
    [InlineData("12", 60, 600, null)]
    [InlineData("12", 61, 600, "Issued at")]
    [InlineData("12", 0, 601, "too far in the future")]
    [InlineData("12", -60, 600, "too far in the future")]
    [InlineData("12", 30, 630, "too far in the future")]
    [InlineData("12", -600, 0, "Expiration time")]
    [InlineData("13", 0, 600, "could not be decoded")]
    public async Task An_Apps_word_is_taken_only_when_it_is_fresh_and_its_own(string issuer, int issued, int expires, string? refusal)
    {
        using var key = RSA.Create(2048);
        using var wrong = RSA.Create(2048);
        _forge.AddApp("12", "34", key);
        var now = _time.GetUtcNow();

        var answer = await IssueAsync(Jwt(key, issuer, now.AddSeconds(issued), now.AddSeconds(expires)));
        Assert.Equal(refusal is null ? HttpStatusCode.Created : HttpStatusCode.Unauthorized, answer.StatusCode);
        if (refusal is not null)
        {
            Assert.Contains(refusal, await MessageAsync(answer), StringComparison.Ordinal);
        }

        var forged = await IssueAsync(Jwt(wrong, "12", now, now.AddMinutes(9)));
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);
    }

    [Fact]
    public async Task A_limit_that_is_used_up_comes_back_after_its_hour()
    {
        _forge.AddToken(Token, limitPerHour: 2);
        await GetAsync(Pulls);
        _time.Advance(TimeSpan.FromMinutes(20));
        await GetAsync(Pulls);
        var refused = await GetAsync(Pulls);

        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        Assert.StartsWith("API rate limit exceeded for user ID", await MessageAsync(refused), StringComparison.Ordinal);
        Assert.Equal("0", Header(refused, "x-ratelimit-remaining"));
        var reset = long.Parse(Header(refused, "x-ratelimit-reset")!, CultureInfo.InvariantCulture);
        Assert.Equal(_time.GetUtcNow().AddMinutes(40).ToUnixTimeSeconds(), reset);

        _time.Advance(TimeSpan.FromMinutes(40));
        Assert.Equal("1", Header(await GetAsync(Pulls), "x-ratelimit-remaining"));
    }

    [Fact]
    public async Task A_secondary_limit_says_when_to_come_back_or_not()
    {
        _forge.Faults.Next(ForgeFault.SecondaryLimit(429, TimeSpan.FromSeconds(30)));
        _forge.Faults.Next(ForgeFault.SecondaryLimit(403, _time.GetUtcNow().AddSeconds(90)));
        _forge.Faults.Next(ForgeFault.SecondaryLimit());

        var seconds = await GetAsync(Pulls);
        Assert.Equal((HttpStatusCode.TooManyRequests, "30"), (seconds.StatusCode, Header(seconds, "Retry-After")));
        Assert.Contains("secondary rate limit", await MessageAsync(seconds), StringComparison.Ordinal);
        var date = await GetAsync(Pulls);
        Assert.Equal(_time.GetUtcNow().AddSeconds(90), date.Headers.RetryAfter?.Date);
        var neither = await GetAsync(Pulls);
        Assert.Equal((HttpStatusCode.Forbidden, null), (neither.StatusCode, Header(neither, "Retry-After")));
        Assert.Equal("5000", Header(neither, "x-ratelimit-remaining"));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Pulls)).StatusCode);
        Assert.Equal(3, _forge.Faults.Met);
    }

    [Fact]
    public async Task An_agent_opens_a_pull_request_once_and_merges_it()
    {
        var wanted = new { title = "Fix the reef", head = "octopoid/fix", @base = "main" };
        var opened = await SendAsync(HttpMethod.Post, Url(Pulls), wanted);
        Assert.Equal(HttpStatusCode.Created, opened.StatusCode);
        Assert.Equal(1, (await JsonAsync(opened)).GetProperty("number").GetInt64());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(HttpMethod.Post, Url(Pulls), wanted)).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(HttpMethod.Put, Url(Pulls + "/1/merge"))).StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await SendAsync(HttpMethod.Put, Url(Pulls + "/1/merge"))).StatusCode);
        Assert.True(_repository[1].IsMerged);
        Assert.Equal(0, _repository.OpenCount);

        _client.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(HttpMethod.Post, Url(Pulls), wanted)).StatusCode);
    }

    private void Open(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _repository.Open($"octopoid/{i}");
        }
    }

    private Uri Url(string path) => new(_forge.ApiRoot + path);

    private Task<HttpResponseMessage> GetAsync(string path, EntityTagHeaderValue? tag = null) =>
        SendAsync(HttpMethod.Get, Url(path), null, tag);

    private Task<HttpResponseMessage> IssueAsync(string jwt)
    {
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", jwt);
        return SendAsync(HttpMethod.Post, Url("/app/installations/34/access_tokens"));
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, Uri url, object? body = null, EntityTagHeaderValue? tag = null)
    {
        using var request = new HttpRequestMessage(method, url) { Content = body is null ? null : JsonContent.Create(body) };
        if (tag is not null)
        {
            request.Headers.IfNoneMatch.Add(tag);
        }

        var answer = await _client.SendAsync(request, CancellationToken);
        _answers.Add(answer);
        return answer;
    }

    private async Task<(int Status, string? Message)> TroubleAsync(string path)
    {
        var answer = await GetAsync(path);
        return ((int)answer.StatusCode, await MessageAsync(answer));
    }

    private static async Task<string> MessageAsync(HttpResponseMessage answer) =>
        (await JsonAsync(answer)).GetProperty("message").GetString()!;

    private static Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        answer.Content.ReadFromJsonAsync<JsonElement>(CancellationToken);

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    private static Dictionary<string, Uri> Links(HttpResponseMessage answer) => (Header(answer, "Link") ?? "")
        .Split(", ", StringSplitOptions.RemoveEmptyEntries)
        .Select(link => link.Split("; "))
        .ToDictionary(link => link[1]["rel=\"".Length..^1], link => new Uri(link[0][1..^1]));

    private static string Jwt(RSA key, string issuer, DateTimeOffset issued, DateTimeOffset expires)
    {
        static string Part(object part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));
        var claims = Part(new { iss = issuer, iat = issued.ToUnixTimeSeconds(), exp = expires.ToUnixTimeSeconds() });
        var text = $"{Part(new { alg = "RS256", typ = "JWT" })}.{claims}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{text}.{Base64Url.EncodeToString(signature)}";
    }
}
