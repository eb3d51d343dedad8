namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>What becomes of what is left when the recorder is told to end.</summary>
public sealed class EventEndTests : IAsyncLifetime
{
    private EventServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EventServer.StartAsync(run: false);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_is_queued_is_sent_first()
    {
        for (var i = 0; i < 20; i++)
        {
            _server.Say($"{i}");
        }

        _server.Run();
        await (await _server.StopAsync()).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(20, _server.Results["sent"]);
    }

    [Fact]
    public async Task A_count_that_waits_for_its_turn_is_written_first()
    {
        _server.Run();
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        _server.Say();
        await _server.UntilAsync(() => _server.Results["series"] == 1);
        _server.Say();
        _server.Say();

        await (await _server.StopAsync()).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal([2, 4], _server.Patched.Select(patch => patch.Count));
    }

    [Fact]
    public async Task A_count_that_is_limited_holds_up_nothing()
    {
        _server.Run();
        for (var i = 0; i < 25; i++)
        {
            _server.Say($"{i}");
        }

        await _server.UntilAsync(() => _server.Results["sent"] == 25);
        _server.Say("0");

        await (await _server.StopAsync()).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Empty(_server.Patched);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public async Task A_server_that_does_not_take_it_holds_up_the_end_for_two_seconds_at_most(int code)
    {
        _server.Run();
        _server.Answer = _ => code;
        _server.Say();
        await _server.UntilAsync(() => _server.Requests.Count == 1);

        var end = await _server.StopAsync();
        await _server.AdvanceAsync(TimeSpan.FromSeconds(0.1));
        Assert.False(end.IsCompleted);
        await _server.AdvanceAsync(TimeSpan.FromSeconds(2));
        await end.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task With_nothing_left_it_ends_at_once()
    {
        _server.Run();
        await EventServer.SettleAsync();

        await (await _server.StopAsync()).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
