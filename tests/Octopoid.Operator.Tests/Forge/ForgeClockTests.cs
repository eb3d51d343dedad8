using Octopoid.Core.PullRequests;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>A forge whose clock is wrong is left alone no longer, and no shorter, than one whose clock is right.</summary>
public sealed class ForgeClockTests : IAsyncLifetime
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(3);

    private CountingClient _client = null!;

    public async ValueTask InitializeAsync() => _client = await CountingClient.StartAsync();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData(-60)]
    [InlineData(0)]
    [InlineData(60)]
    public async Task Pauses_and_resets_are_by_our_clock(int minutes)
    {
        var (time, forge, skew) = (_client.Time, _client.Forge, TimeSpan.FromMinutes(minutes));
        forge.ForgeClockSkew = skew;
        forge.AddToken(CountingClient.Token, limitPerHour: 2);
        _client.OpenOfPool(1);
        await _client.CountAsync();
        time.Advance(TimeSpan.FromMinutes(10));
        _client.OpenOfPool(1);

        var said = await _client.CountAsync();
        Near(TimeSpan.FromMinutes(50), said.Quota!.Reset - time.GetUtcNow());
        Near(TimeSpan.FromMinutes(50), said.Pause);
        var failure = await _client.FailAsync();
        Near(TimeSpan.FromMinutes(50), failure.RetryAfter);
        Near(TimeSpan.FromMinutes(50), failure.Quota!.Reset - time.GetUtcNow());

        forge.Faults.Next(ForgeFault.SecondaryLimit(429, time.GetUtcNow() + skew + TimeSpan.FromMinutes(2)));
        Near(TimeSpan.FromMinutes(2), (await _client.FailAsync()).RetryAfter);
        time.Advance(TimeSpan.FromMinutes(50) + Tolerance);
        Assert.Equal(2, (await _client.CountAsync()).Open);
    }

    [Theory]
    [InlineData("Mon, 01 Jan 0001 00:00:00 GMT")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    [InlineData("yesterday")]
    public async Task A_clock_of_another_age_breaks_nothing(string date)
    {
        _client.Forge.Faults.Always(ForgeFault.Header("Date", date));
        Assert.Equal(0, (await _client.CountAsync()).Open);
        _client.Forge.AddToken(CountingClient.Token, limitPerHour: 0);
        CountFailure failure = await _client.FailAsync();
        Assert.InRange(failure.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(86_401));
    }

    private static void Near(TimeSpan expected, TimeSpan? actual) =>
        Assert.InRange(actual ?? TimeSpan.MinValue, expected - Tolerance, expected + Tolerance);
}
