using Microsoft.AspNetCore.Http;
using static Octopoid.Kubernetes.Tests.Watching.Answers;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>How long the informer waits before it asks again.</summary>
[Collection(Undisturbed.Name)]
public sealed class InformerPauseTests
{
    [Fact]
    public async Task A_watch_that_ends_at_once_is_not_opened_again_at_once()
    {
        // Slow, for here the time of an exchange must be small beside a second.
        await using var server = await ScriptedServer.StartAsync(speed: 5);
        await server.PlayAsync(List(1), Watch(), Watch(), Watch(Event("ADDED", "a", 2)));

        // The first pause is 0.4 s at least, the second 0.8 s.
        Assert.True(server.Requests[2].At - server.Requests[1].At > TimeSpan.FromSeconds(0.4));
        Assert.True(server.Requests[3].At - server.Requests[2].At > TimeSpan.FromSeconds(0.8));
    }

    [Theory]
    [InlineData(2, null)]
    [InlineData(null, 2)]
    [InlineData(40, null)]
    [InlineData(null, 40)]
    public async Task A_list_is_not_asked_for_again_before_the_time_that_the_server_asks_for(int? header, int? detail)
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(Status(429, header, detail), List(1), Watch(Event("ADDED", "a", 2)));

        Assert.True(server.Requests[1].At - server.Requests[0].At >= TimeSpan.FromSeconds((header ?? detail)!.Value));
    }

    [Fact]
    public async Task A_server_that_asks_for_ages_is_asked_again_all_the_same()
    {
        await using var server = await ScriptedServer.StartAsync(speed: 2000);
        await server.PlayAsync(Status(429, retryAfterDetail: int.MaxValue), List(1, ("a", 1)));

        Assert.Equal(["a"], server.Names());
    }

    [Fact]
    public async Task Lists_that_fail_slowly_are_asked_for_ever_less_often()
    {
        // Each try is some requests within 5 s, and then a pause that grows up to 30 s.
        await using var server = await ScriptedServer.StartAsync(speed: 500);
        server.Begin([.. Enumerable.Repeat(Status(503), 500)]);
        await Task.Delay(TimeSpan.FromMinutes(10), server.Time, TestContext.Current.CancellationToken);

        var late = server.Requests.Select(request => request.At).Where(at => at > TimeSpan.FromMinutes(5)).ToList();
        Assert.Contains(late.Zip(late.Skip(1)), pair => pair.Second - pair.First > TimeSpan.FromSeconds(14));
    }

    [Fact]
    public async Task A_watch_that_expires_at_once_after_every_slow_list_brings_no_storm_of_lists()
    {
        await using var server = await ScriptedServer.StartAsync(speed: 50);
        Func<HttpContext, Task> slowList = async context =>
        {
            await Task.Delay(TimeSpan.FromSeconds(2), server.Time, context.RequestAborted);
            await List(1)(context);
        };
        server.Begin([.. Enumerable.Repeat(new[] { slowList, Status(410) }, 20).SelectMany(pair => pair)]);
        await server.UntilAskedAsync(9);

        // After the fourth expiry the pause has grown to 3.2 s at least.
        Assert.True(server.Requests[8].At - server.Requests[7].At > TimeSpan.FromSeconds(3.2));
    }

    [Fact]
    public async Task A_wanted_list_that_is_refused_as_expired_is_not_asked_for_again_at_once()
    {
        await using var server = await ScriptedServer.StartAsync(speed: 50);
        var wanted = server.Informer.RelistAsync(TestContext.Current.CancellationToken);
        await server.PlayAsync(Status(410), Status(410), List(1));

        await wanted;
        Assert.True(server.Requests[1].At - server.Requests[0].At > TimeSpan.FromSeconds(0.4));
        Assert.True(server.Requests[2].At - server.Requests[1].At > TimeSpan.FromSeconds(0.8));
    }

    [Fact]
    public async Task A_wanted_list_ends_the_pause_after_a_failure()
    {
        // Slow: the pause of ten minutes is two of ours.
        await using var server = await ScriptedServer.StartAsync(speed: 5);
        server.Begin(Status(429, retryAfterDetail: 600), List(1, ("a", 1)));
        await server.UntilAskedAsync(1);
        while (server.Informer.Failure is null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await server.Informer.RelistAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["a"], server.Names());
        Assert.True(server.Requests[1].At < TimeSpan.FromSeconds(60));
    }
}
