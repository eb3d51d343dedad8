using System.Security.Cryptography;
using Octopoid.Core.Kinds;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

public sealed class GitHubAppTests : IAsyncLifetime
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _other = RSA.Create(2048);
    private CountingClient _client = null!;

    private TestForge Forge => _client.Forge;

    public async ValueTask InitializeAsync()
    {
        _client = await CountingClient.StartAsync();
        _client.OpenOfPool(1);
        Forge.AddApp("42", "7", _key);
        Put(_key);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        _key.Dispose();
        _other.Dispose();
    }

    [Fact]
    public async Task A_token_is_issued_used_and_renewed_five_minutes_before_its_end()
    {
        await CountAsync(1);
        Assert.Equal(["app:42", "installation:7"], Forge.Requests.Select(request => request.Credential));
        for (var minute = 1; minute <= 54; minute++)
        {
            _client.Time.Advance(TimeSpan.FromMinutes(1));
            await CountAsync(1);
        }

        Assert.Equal(1, Forge.TokensIssued);
        _client.Time.Advance(TimeSpan.FromMinutes(1));
        await CountAsync(1);
        Assert.Equal(2, Forge.TokensIssued);
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(-90)]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(90)]
    [InlineData(3600)]
    public async Task Clocks_may_differ(int seconds)
    {
        Forge.ForgeClockSkew = TimeSpan.FromSeconds(seconds);
        await CountAsync(1);
        _client.Time.Advance(TimeSpan.FromMinutes(54));
        await CountAsync(1);
        Assert.Equal(1, Forge.TokensIssued);
        _client.Time.Advance(TimeSpan.FromSeconds(63));
        await CountAsync(1);
        Assert.Equal(2, Forge.TokensIssued);
        Assert.DoesNotContain(Forge.Requests, request => request is { Status: 401, Credential: "installation:7" });
    }

    [Fact]
    public async Task A_revoked_token_is_renewed_at_once()
    {
        await CountAsync(1);
        Forge.RevokeToken("installation:7");
        await CountAsync(1);
        Assert.Equal(2, Forge.TokensIssued);
        Assert.Equal([201, 200, 401, 201, 304], Forge.Requests.Select(request => request.Status == 200 && request.IsConditional ? 304 : request.Status));
    }

    [Fact]
    public async Task A_key_of_another_App_is_refused_and_says_so()
    {
        Put(_other);
        var failure = await _client.FailAsync();
        Assert.Equal(Reasons.ForgeRefused, failure.Reason);
        Assert.Contains("A JSON web token could not be decoded", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_installation_that_is_not_there_says_so()
    {
        Put(_key, installation: "8");
        var failure = await _client.FailAsync();
        Assert.Equal((Reasons.ForgeRefused, "127.0.0.1 knows no such installation of the App (404)."), (failure.Reason, failure.Message));

        Put(_key);
        _client.Time.Advance(TimeSpan.FromSeconds(30));
        await CountAsync(1);
    }

    [Fact]
    public async Task A_key_that_was_replaced_is_taken_at_once()
    {
        await CountAsync(1);
        _client.Time.Advance(TimeSpan.FromSeconds((54 * 60) + 40));
        await CountAsync(1);

        // The Secret was read a moment ago, when the token ends that the old key got.
        Forge.AddApp("42", "7", _other);
        Put(_other);
        _client.Time.Advance(TimeSpan.FromSeconds(25));
        await CountAsync(1);
        Assert.Equal(2, Forge.TokensIssued);
        Assert.Equal([401, 201], Forge.Requests.Where(request => request.Method == "POST").Skip(1).Select(request => request.Status));
    }

    [Fact]
    public async Task A_limit_on_tokens_is_a_limit()
    {
        Forge.Faults.Next(ForgeFault.SecondaryLimit(403, "30"), where: request => request.Method == "POST");
        var failure = await _client.FailAsync();
        Assert.Equal((Reasons.RateLimited, TimeSpan.FromSeconds(30)), (failure.Reason, failure.RetryAfter));

        Forge.Faults.Next(ForgeFault.Answer(new ForgeAnswer(201, "{}")), where: request => request.Method == "POST");
        Assert.Equal(Reasons.MalformedAnswer, (await _client.FailAsync()).Reason);
        await CountAsync(1);
    }

    private async Task CountAsync(int open) => Assert.Equal(open, (await _client.CountAsync()).Open);

    private void Put(RSA key, string installation = "7") => _client.Secrets.Put(
        CountingClient.SecretName,
        new Dictionary<string, string> { ["appId"] = "42", ["installationId"] = installation, ["privateKey"] = key.ExportPkcs8PrivateKeyPem() });
}
