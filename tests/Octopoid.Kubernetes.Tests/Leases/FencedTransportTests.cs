using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Tests.Leases;

/// <summary>A write leaves only while it can be over before anybody else leads.</summary>
public sealed class FencedTransportTests : IDisposable
{
    private static readonly LeaderElectionOptions Options = new() { Namespace = "n", Name = "l", Identity = "a" };

    private readonly FakeTimeProvider _time = new();
    private readonly Leadership _leadership;
    private readonly RecordedTransport _sent = new();
    private readonly FencedTransport _transport;

    public FencedTransportTests()
    {
        _leadership = new Leadership(1, _time.GetTimestamp(), Options, _time);
        _transport = new FencedTransport(_sent, _leadership);
    }

    public void Dispose() => _leadership.Dispose();

    [Theory]
    [InlineData(3, 0.75)]
    [InlineData(12, 3)]
    [InlineData(15, 3)]
    [InlineData(3600, 3)]
    public void A_write_that_leaves_at_the_last_moment_is_over_before_the_Lease_is(int lease, double write)
    {
        var options = Options with { LeaseDuration = TimeSpan.FromSeconds(lease) };

        Assert.Equal(TimeSpan.FromSeconds(write), options.WriteTimeout);
        Assert.True(options.RenewDeadline + options.WriteTimeout < options.LeaseDuration);
    }

    [Fact]
    public async Task Client_and_server_are_told_how_long_a_write_may_take()
    {
        await PostAsync();
        await PatchAsync();
        await DeleteAsync();

        Assert.Equal(
            ["POST /things?timeout=3000ms in 4 s", "PATCH /things/a?timeout=3000ms in 4 s", "DELETE /things/a?timeout=3000ms in 4 s"], _sent.Requests);
    }

    [Fact]
    public async Task Without_slack_nothing_is_written_until_the_Lease_is_renewed()
    {
        // Of the 10 s, 4 must be left.
        _time.Advance(TimeSpan.FromSeconds(5.9));
        await PostAsync();
        _time.Advance(TimeSpan.FromSeconds(0.2));

        await Assert.ThrowsAsync<NotLeaderException>(PostAsync);
        await Assert.ThrowsAsync<NotLeaderException>(PatchAsync);
        await Assert.ThrowsAsync<NotLeaderException>(DeleteAsync);
        await _transport.GetAsync("/things/a", JsonElementInfo, TestContext.Current.CancellationToken);
        Assert.Equal(["POST /things?timeout=3000ms in 4 s", "GET /things/a in 30 s"], _sent.Requests);

        _leadership.Renew(_time.GetTimestamp());
        await PatchAsync();
        Assert.Equal(3, _sent.Requests.Count);
    }

    [Fact]
    public async Task A_write_that_has_left_is_awaited_though_its_sender_is_told_to_stop()
    {
        using var stop = new CancellationTokenSource();
        await _transport.PostAsync("/things", "{}"u8.ToArray(), JsonElementInfo, stop.Token);
        Assert.False(_sent.Token.CanBeCanceled);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _transport.PostAsync("/things", "{}"u8.ToArray(), JsonElementInfo, stop.Token));
        Assert.Single(_sent.Requests);
    }

    [Fact]
    public async Task Whoever_has_lost_the_lead_writes_nothing()
    {
        _leadership.Lose();

        await Assert.ThrowsAsync<NotLeaderException>(PatchAsync);
        Assert.Empty(_sent.Requests);
    }

    private static JsonTypeInfo<JsonElement> JsonElementInfo { get; } =
        (JsonTypeInfo<JsonElement>)JsonSerializerOptions.Default.GetTypeInfo(typeof(JsonElement));

    private Task PostAsync() => _transport.PostAsync("/things", "{}"u8.ToArray(), JsonElementInfo, TestContext.Current.CancellationToken);

    private Task DeleteAsync() => _transport.DeleteAsync("/things/a", "{}"u8.ToArray(), TestContext.Current.CancellationToken);

    private Task PatchAsync() => _transport.MergePatchAsync("/things/a", "{}"u8.ToArray(), JsonElementInfo, TestContext.Current.CancellationToken);

    private sealed class RecordedTransport(RecordedTransport? root = null, double seconds = 30) : IApiTransport
    {
        public List<string> Requests { get; } = root?.Requests ?? [];

        /// <summary>The token of the latest request.</summary>
        public CancellationToken Token { get; private set; }

        public Task<T> GetAsync<T>(string path, JsonTypeInfo<T> json, CancellationToken cancellationToken) => Record<T>("GET", path, cancellationToken);

        public Task<T> PostAsync<T>(string path, ReadOnlyMemory<byte> body, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
            Record<T>("POST", path, cancellationToken);

        public Task<T> MergePatchAsync<T>(string path, ReadOnlyMemory<byte> patch, JsonTypeInfo<T> json, CancellationToken cancellationToken) =>
            Record<T>("PATCH", path, cancellationToken);

        public Task DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken) => Record<object>("DELETE", path, cancellationToken);

        public IApiTransport WithTimeout(TimeSpan requestTimeout) => new RecordedTransport(this, requestTimeout.TotalSeconds);

        private Task<T> Record<T>(string method, string path, CancellationToken cancellationToken)
        {
            (root ?? this).Token = cancellationToken;
            Requests.Add($"{method} {path} in {seconds:0.##} s");
            return Task.FromResult(default(T)!);
        }
    }
}
