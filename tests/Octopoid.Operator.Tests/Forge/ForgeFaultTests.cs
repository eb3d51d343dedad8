using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Octopoid.Core.Kinds;
using Octopoid.Kubernetes.Transport;
using Octopoid.Testing.Forges;
using ForgeAnswer = Octopoid.Testing.Forges.ForgeAnswer;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>What a forge may do wrong: each has its reason, and the count after it is right.</summary>
public abstract class ForgeFaultTests(RepositoryProvider provider) : IAsyncLifetime
{
    /// <summary>One with the fields of every format.</summary>
    private const string Pull = """[{"number":1,"iid":1,"state":"open","head":{"ref":"agent/1","repo":{"id":1},"repo_id":1},"base":{"repo":{"id":1},"repo_id":1},"source_branch":"agent/1","source_project_id":1,"target_project_id":1,"labels":[]}]""";

    private static readonly Dictionary<string, (ForgeFault Fault, string Reason, double? RetryAfter)> Cases = new()
    {
        ["304 that was not asked for"] = (ForgeFault.NotModified(), Reasons.MalformedAnswer, null),
        ["401"] = (ForgeFault.BadCredentials(), Reasons.ForgeRefused, null),
        ["403"] = (ForgeFault.Forbidden(), Reasons.ForgeRefused, null),
        ["404"] = (ForgeFault.NotFound(), Reasons.RepositoryNotFound, null),
        ["410"] = (ForgeFault.Error(410), Reasons.RepositoryNotFound, null),
        ["418"] = (ForgeFault.Error(418), Reasons.MalformedAnswer, null),
        ["422"] = (ForgeFault.Error(422), Reasons.MalformedAnswer, null),
        ["451"] = (ForgeFault.Error(451), Reasons.RepositoryNotFound, null),
        ["500"] = (ForgeFault.Error(500), Reasons.ForgeFailed, null),
        ["502 in HTML"] = (ForgeFault.Html(502), Reasons.ForgeFailed, null),
        ["503 with Retry-After"] = (With(503, "Retry-After", "90"), Reasons.ForgeFailed, 90),
        ["503 with a Retry-After that is no number"] = (With(503, "Retry-After", "soon"), Reasons.ForgeFailed, null),
        ["secondary limit, seconds"] = (ForgeFault.SecondaryLimit(403, "120"), Reasons.RateLimited, 120),
        ["secondary limit, 429"] = (ForgeFault.SecondaryLimit(429, "7"), Reasons.RateLimited, 7),
        ["secondary limit, a date"] = (ForgeFault.SecondaryLimit(403, new DateTimeOffset(2026, 1, 2, 3, 6, 5, TimeSpan.Zero)), Reasons.RateLimited, 120),
        ["secondary limit, a date in the past"] = (ForgeFault.SecondaryLimit(403, new DateTimeOffset(2025, 1, 2, 3, 6, 5, TimeSpan.Zero)), Reasons.RateLimited, 0),
        ["secondary limit, a date far away"] = (ForgeFault.SecondaryLimit(403, new DateTimeOffset(9999, 12, 31, 0, 0, 0, TimeSpan.Zero)), Reasons.RateLimited, 86_400),
        ["secondary limit, many seconds"] = (ForgeFault.SecondaryLimit(403, "2147483647"), Reasons.RateLimited, 2_147_483_647),
        ["secondary limit, too many seconds"] = (ForgeFault.SecondaryLimit(403, "99999999999999999999"), Reasons.RateLimited, 60),
        ["secondary limit without a time"] = (ForgeFault.SecondaryLimit(403), Reasons.RateLimited, 60),
        ["429 without a word"] = (ForgeFault.Answer(new ForgeAnswer(429, "")), Reasons.RateLimited, 60),
        ["primary limit"] = (Limited(403, 1_767_323_045 + 600), Reasons.RateLimited, 601),
        ["primary limit, 429"] = (Limited(429, 1_767_323_045 + 600), Reasons.RateLimited, 601),
        ["primary limit, reset in the past"] = (Limited(403, 0), Reasons.RateLimited, 1),
        ["primary limit, reset far away"] = (Limited(403, 253_402_300_799), Reasons.RateLimited, 86_401),
        ["primary limit, reset beyond all times"] = (Limited(403, long.MaxValue), Reasons.RateLimited, 60),
        ["HTML"] = (ForgeFault.Html(), Reasons.MalformedAnswer, null),
        ["an empty body"] = (ForgeFault.InvalidJson(""), Reasons.MalformedAnswer, null),
        ["invalid JSON"] = (ForgeFault.InvalidJson(), Reasons.MalformedAnswer, null),
        ["truncated JSON"] = (ForgeFault.TruncatedJson(), Reasons.MalformedAnswer, null),
        ["null"] = (ForgeFault.InvalidJson("null"), Reasons.MalformedAnswer, null),
        ["a null element"] = (ForgeFault.InvalidJson("[null]"), Reasons.MalformedAnswer, null),
        ["an object for a list"] = (ForgeFault.InvalidJson("{\"message\":\"hello\"}"), Reasons.MalformedAnswer, null),
        ["no head"] = (ForgeFault.InvalidJson("[{\"number\":1,\"state\":\"open\",\"head\":null}]"), Reasons.MalformedAnswer, null),
        ["a number that is none"] = (ForgeFault.InvalidJson(Pull.Replace(":1,", ":1e99,", StringComparison.Ordinal)), Reasons.MalformedAnswer, null),
        ["half a character"] = (ForgeFault.InvalidJson(Pull.Replace("agent/1", "\\ud800", StringComparison.Ordinal)), Reasons.MalformedAnswer, null),
        ["a message of half a character"] = (ForgeFault.Answer(new ForgeAnswer(404, "{\"message\":\"\\ud800\"}")), Reasons.RepositoryNotFound, null),
        ["very deep JSON"] = (ForgeFault.InvalidJson(new string('[', 5000)), Reasons.MalformedAnswer, null),
        ["gzip that is none"] = (ForgeFault.Header("Content-Encoding", "gzip"), Reasons.ForgeUnreachable, null),
        ["a redirect in a circle"] = (ForgeFault.RedirectLoop(), Reasons.MalformedAnswer, null),
        ["a redirect to nowhere"] = (ForgeFault.Answer(new ForgeAnswer(301, "")), Reasons.MalformedAnswer, null),
        ["a redirect to no address"] = (With(302, "Location", "//"), Reasons.MalformedAnswer, null),
        ["a redirect to a file"] = (With(302, "Location", "file:///etc/passwd"), Reasons.MalformedAnswer, null),
        ["a reset connection"] = (ForgeFault.Reset(), Reasons.ForgeUnreachable, null),
        ["a connection that is cut"] = (ForgeFault.CutShort(), Reasons.ForgeUnreachable, null),
        ["no answer"] = (ForgeFault.Hang(), Reasons.ForgeUnreachable, null),
        ["no body"] = (ForgeFault.HangingBody(), Reasons.ForgeUnreachable, null),
        ["a body byte by byte"] = (ForgeFault.SlowBody(TimeSpan.FromSeconds(1)), Reasons.ForgeUnreachable, null),
    };

    private protected CountingClient Client { get; private set; } = null!;

    public static TheoryData<string, bool> Names
    {
        get
        {
            var names = new TheoryData<string, bool>();
            foreach (var name in Cases.Keys)
            {
                names.Add(name, false);
                if (!name.StartsWith("304", StringComparison.Ordinal))
                {
                    names.Add(name, true);
                }
            }

            return names;
        }
    }

    public async ValueTask InitializeAsync() => Client = await CountingClient.StartAsync(provider);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Client.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_fault_has_its_reason_and_the_count_after_it_is_right(string name, bool isAfterCount)
    {
        var (fault, reason, retryAfter) = Cases[name];
        Client.OpenOfPool(120);
        if (isAfterCount)
        {
            await Client.CountAsync();
        }

        // On the second page, so that half of the list is read.
        Client.Repository.Merge(110);
        Client.Forge.Faults.Always(fault, request => request.PathAndQuery.EndsWith("page=2", StringComparison.Ordinal));
        var failure = await Client.FailAsync(isHanging: name is "no answer" or "no body" or "a body byte by byte");

        Assert.Equal((reason, retryAfter), (failure.Reason, failure.RetryAfter?.TotalSeconds));
        Assert.Contains("127.0.0.1", failure.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", failure.Message.Replace("?", ".", StringComparison.Ordinal), StringComparison.Ordinal);
        Client.Forge.Faults.Clear();
        Client.Repository.Merge(1);
        Assert.Equal(118, (await Client.CountAsync()).Open);
    }

    [Fact]
    public async Task Null_labels_and_forks_that_are_gone_are_no_fault()
    {
        Client.Forge.Faults.Next(ForgeFault.InvalidJson(Pull.Replace("\"labels\":[]", provider == RepositoryProvider.GitLab ? "\"labels\":[null,\"a\"]" : "\"labels\":[null,{\"name\":null}]", StringComparison.Ordinal)));
        Assert.Equal(1, (await Client.CountAsync()).Open);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_too_large_is_refused(bool isCompressed)
    {
        var body = Encoding.ASCII.GetBytes("[" + new string(' ', 33 << 20) + "]");
        var answer = new ForgeAnswer(200, body).With("Content-Type", ForgeAnswer.Json);
        if (isCompressed)
        {
            using var compressed = new MemoryStream();
            await using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                await gzip.WriteAsync(body, TestContext.Current.CancellationToken);
            }

            answer = (answer with { Body = compressed.ToArray() }).With("Content-Encoding", "gzip");
        }

        Client.Forge.Faults.Next(ForgeFault.Answer(answer));
        var failure = await Client.FailAsync();
        Assert.Equal((Reasons.MalformedAnswer, "127.0.0.1 answered with more than 32 MiB."), (failure.Reason, failure.Message));
        Assert.Equal(0, (await Client.CountAsync()).Open);
    }

    [Fact]
    public async Task A_token_that_was_revoked_is_read_anew_at_once()
    {
        Client.OpenOfPool(1);
        await Client.CountAsync();
        Client.Forge.RevokeToken(CountingClient.Token);
        Assert.Equal(Reasons.ForgeRefused, (await Client.FailAsync()).Reason);

        Client.Forge.AddToken("ghp_renewed");
        Client.Secrets.Put(CountingClient.SecretName, new Dictionary<string, string> { ["token"] = "ghp_renewed\n" });
        Assert.Equal(1, (await Client.CountAsync()).Open);
    }

    [Fact]
    public async Task A_repository_that_was_renamed_is_followed_and_told_of()
    {
        Client.OpenOfPool(150);
        Assert.Null((await Client.CountAsync()).Notice);
        Client.Repository.Rename("atoll");
        for (var i = 0; i < 3; i++)
        {
            // The list's end is read anew each time, its begin is not.
            var number = Client.Repository.Open($"agent/more-{i}");
            var said = await Client.CountAsync((1, PullRequestState.Open));
            Assert.Equal(151 + i, said.Open);

            // Gitea's redirect says nothing of for how long.
            Assert.Equal(provider != RepositoryProvider.Gitea, said.Notice?.Contains("moved the repository", StringComparison.Ordinal) == true);
            Client.Repository.Push(number);
        }

        Client.Object = Client.RepositoryNamed("atoll");
        Client.Session = Client.Open();
        Assert.Null((await Client.CountAsync()).Notice);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Credentials_are_not_sent_to_another_host(int status)
    {
        await using var other = await TestForge.StartAsync(Client.Time);
        Client.Forge.Faults.Always(ForgeFault.RedirectTo(other.Address, status));

        var failure = await Client.FailAsync();
        Assert.Equal(Reasons.MalformedAnswer, failure.Reason);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task A_link_to_another_host_is_not_followed()
    {
        await using var other = await TestForge.StartAsync(Client.Time);
        Client.OpenOfPool(150);
        Client.Forge.Faults.Always(
            ForgeFault.Header("Link", $"<{other.ApiRoot}/repos/octo/reef/pulls?page=2>; rel=\"next\""),
            request => request.PathAndQuery.EndsWith("page=1", StringComparison.Ordinal));

        Assert.Equal(150, (await Client.CountAsync()).Open);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Pages_that_lead_in_a_circle_end()
    {
        Client.OpenOfPool(100);
        Client.Forge.Faults.Always(ForgeFault.Header("Link", "<?per_page=100&page=2>; rel=\"next\""));
        var requests = await Client.RequestsOfAsync(async () => Assert.Equal(Reasons.MalformedAnswer, (await Client.FailAsync()).Reason));
        Assert.Equal(2, requests.Count);

        Client.Forge.Faults.Clear();
        Assert.Equal(100, (await Client.CountAsync()).Open);
    }

    [Fact]
    public async Task Pages_without_an_end_end()
    {
        Client.OpenOfPool(1);
        Client.Forge.Faults.Each(request => ForgeFault.Header("Link", $"<?page={request.Index + 2}>; rel=\"next\""));
        Assert.Equal(Reasons.MalformedAnswer, (await Client.FailAsync()).Reason);
        Assert.InRange(Client.Forge.Requests.Count, 1000, 1001);

        Client.Forge.Faults.Clear();
        Assert.Equal(1, (await Client.CountAsync()).Open);
    }

    [Theory]
    [InlineData(null, "There is no Secret named forge")]
    [InlineData("", "neither a key token nor appId")]
    [InlineData("token= ", "neither a key token nor appId")]
    [InlineData("appId=1,installationId=2", "needs all of appId, installationId and privateKey")]
    [InlineData("token=two words", "characters that no token has")]
    [InlineData("token=line\nline", "characters that no token has")]
    [InlineData("token=tökén", "characters that no token has")]
    [InlineData("token=x,ca.crt=no PEM", "ca.crt")]
    [InlineData("appId=1,installationId=2,privateKey=no PEM", "privateKey")]
    public async Task A_Secret_that_is_of_no_use_says_why(string? data, string says)
    {
        Client.OpenOfPool(1);
        Client.Secrets.Put(
            CountingClient.SecretName,
            data?.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]));
        var failure = await Client.FailAsync();
        Assert.Equal(Reasons.SecretInvalid, failure.Reason);
        Assert.Contains(provider != RepositoryProvider.GitHub && says == "privateKey" ? "wants the key token" : says, failure.Message, StringComparison.Ordinal);
        Assert.Empty(Client.Forge.Requests);

        Client.Time.Advance(TimeSpan.FromSeconds(30));
        Client.Secrets.Put(CountingClient.SecretName, new Dictionary<string, string> { ["token"] = CountingClient.Token });
        Assert.Equal(1, (await Client.CountAsync()).Open);
    }

    [Fact]
    public async Task The_token_of_a_service_account_is_sent_to_no_forge()
    {
        Client.Secrets.Type = "kubernetes.io/service-account-token";

        Assert.Equal((Reasons.SecretInvalid, "The Secret forge is a service account's token, which is for no forge."), await Client.FailAsync() is var failure ? (failure.Reason, failure.Message) : default);
        Assert.Empty(Client.Forge.Requests);
    }

    [Fact]
    public async Task A_Secret_that_cannot_be_read_says_so()
    {
        Client.Secrets.Failure = new ApiException(HttpStatusCode.Forbidden, "Forbidden", "secrets \"forge\" is forbidden", null);
        var failure = await Client.FailAsync();
        Assert.Equal((Reasons.SecretInvalid, "The Secret forge cannot be read: secrets \"forge\" is forbidden"), (failure.Reason, failure.Message));

        Client.Secrets.Failure = null;
        await Client.CountAsync();
        Client.Secrets.Failure = new TimeoutException("No answer.");
        await Client.CountAsync();
        Assert.Equal(2, Client.Secrets.Reads);
        Client.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(Reasons.SecretInvalid, (await Client.FailAsync()).Reason);
    }

    [Fact]
    public async Task Without_a_Secret_the_forge_is_asked_without_a_name_and_pays_for_each_request()
    {
        Client.Forge.RequireToken = false;
        Client.Object = Client.Object with { Spec = Client.Object.Spec with { ApiSecretName = null } };
        Client.OpenOfPool(1);
        await Client.CountAsync();
        var said = await Client.CountAsync();

        Assert.Equal(provider == RepositoryProvider.Gitea ? null : 58, said.Quota?.Remaining);
        Assert.Equal(provider != RepositoryProvider.Gitea, said.Pause > TimeSpan.FromSeconds(60));
        Assert.All(Client.Forge.Requests, request => Assert.False(request.HasCredential));
    }

    private static ForgeFault With(int status, string header, string value) => ForgeFault.Answer(new ForgeAnswer(status, "{}").With(header, value));

    private static ForgeFault Limited(int status, long reset) => ForgeFault.Answer(new ForgeAnswer(status, "{\"message\":\"API rate limit exceeded for user ID 1.\"}")
        .With("x-ratelimit-limit", "5000").With("x-ratelimit-remaining", "0").With("x-ratelimit-reset", reset.ToString(CultureInfo.InvariantCulture))
        .With("RateLimit-Limit", "2000").With("RateLimit-Remaining", "0").With("RateLimit-Reset", reset.ToString(CultureInfo.InvariantCulture)));
}

public sealed class GitHubForgeFaultTests() : ForgeFaultTests(RepositoryProvider.GitHub)
{
    [Fact]
    public async Task A_date_that_is_none_is_malformed()
    {
        Client.Forge.Faults.Next(ForgeFault.InvalidJson("""[{"merged_at":"yesterday","number":1,"state":"open","head":{"ref":"agent/1"},"labels":[]}]"""));
        Assert.Equal(Reasons.MalformedAnswer, (await Client.FailAsync()).Reason);
    }
}

public sealed class GitLabForgeFaultTests() : ForgeFaultTests(RepositoryProvider.GitLab)
{
    [Theory]
    [InlineData(403, """{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the access token.","scope":"api read_api"}""", "requires higher privileges")]
    [InlineData(403, """{"message":{"error":"No access"}}""", "No access")]
    [InlineData(404, """{"message":"404 Project Not Found"}""", "404 Project Not Found")]
    [InlineData(404, """{"message":[1],"error":{}}""", "(404).")]
    public async Task What_it_says_of_a_refusal_is_told(int status, string body, string says)
    {
        Client.Forge.Faults.Next(ForgeFault.Answer(new ForgeAnswer(status, body)));
        Assert.Contains(says, (await Client.FailAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_that_is_reached_is_told_with_its_time()
    {
        Client.Forge.AddToken(CountingClient.Token, limitPerHour: 2);
        await Client.CountAsync();
        await Client.CountAsync();
        var failure = await Client.FailAsync();
        Assert.Equal((Reasons.RateLimited, 3600), (failure.Reason, failure.RetryAfter?.TotalSeconds));
        Client.Time.Advance(TimeSpan.FromHours(1));
        await Client.CountAsync();
    }

    [Fact]
    public async Task A_project_in_subgroups_is_one_segment_of_the_path()
    {
        Client.Forge.Add("octo/deep/deeper", "reef").Open("agent/1");
        Client.Object = Client.Object with { Spec = Client.Object.Spec with { Url = "https://forge.example.org/octo/deep/deeper/reef.git" } };
        Client.Session = Client.Open();
        Assert.Equal(1, (await Client.CountAsync()).Open);
        Assert.All(Client.Forge.Requests, request => Assert.Contains("/projects/octo%2Fdeep%2Fdeeper%2Freef/merge_requests", request.PathAndQuery, StringComparison.Ordinal));
    }
}

public sealed class GiteaForgeFaultTests() : ForgeFaultTests(RepositoryProvider.Gitea)
{
    [Fact]
    public async Task Where_pages_are_told_to_be_smaller_all_are_read()
    {
        // [api] MAX_RESPONSE_ITEMS = 20: the same answers, in smaller pages.
        Client.OpenOfPool(120);
        Client.Forge.Faults.Each(request => ForgeFault.Answer(new ForgeAnswer(200, PageOf20(request)).With("Link", LinkAfter(request))));
        Assert.Equal(120, (await Client.CountAsync()).Open);

        static int Number(Testing.Forges.ForgeRequest request) => int.Parse(request.PathAndQuery[(request.PathAndQuery.LastIndexOf('=') + 1)..], CultureInfo.InvariantCulture);

        static string PageOf20(Testing.Forges.ForgeRequest request) => "[" + string.Join(',', Enumerable.Range(((Number(request) - 1) * 20) + 1, 20).Select(number =>
            $$"""{"number":{{number}},"state":"open","head":{"label":"agent/{{number}}","ref":"agent/{{number}}","repo_id":1},"base":{"repo_id":1},"labels":[]}""")) + "]";

        static string? LinkAfter(Testing.Forges.ForgeRequest request) => Number(request) < 6 ? $"<{request.Url.GetLeftPart(UriPartial.Path)}?limit=20&page={Number(request) + 1}>; rel=\"next\"" : null;
    }
}
