using static Octopoid.Kubernetes.Tests.Watching.Answers;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>How long the informer waits before it asks again.</summary>
[Collection(FastClocks.Name)]
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

}
