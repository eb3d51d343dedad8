using static Octopoid.Kubernetes.Tests.Watching.Answers;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>The informer against a server that behaves as real ones do on a bad day, one thing at a time.</summary>
[Collection(Undisturbed.Name)]
public sealed class InformerTests
{
    private const string Expired = """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}""";

    [Fact]
    public async Task A_connection_that_breaks_within_a_line_loses_nothing()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(
            List(1),
            Watch(Event("ADDED", "a", 2), Event("ADDED", "b", 3)[..30]),
            Watch(Event("ADDED", "b", 3)));

        Assert.Equal(["a", "b"], server.Names());
        Assert.Contains("resourceVersion=2", server.Requests[2].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_version_brings_a_new_list_and_with_it_the_deletions_that_nobody_saw()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(List(1, ("a", 1), ("b", 1)), Status(410), List(5, ("b", 4)), Watch(Event("ADDED", "c", 6)));

        Assert.Equal(["b", "c"], server.Names());
    }

    [Fact]
    public async Task An_error_event_is_an_expired_version_too()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(List(1, ("a", 1)), Watch(Event("ADDED", "x", 2), Expired), List(5, ("b", 4)), Watch(Event("ADDED", "c", 6)));

        Assert.Equal(["b", "c"], server.Names());
    }

    [Fact]
    public async Task A_version_that_goes_back_in_the_watch_begins_a_new_list()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(
            List(10, ("a", 9), ("b", 8)),
            OpenWatch(Event("MODIFIED", "a", 12), Event("MODIFIED", "b", 7)),
            List(7, ("b", 7)),
            Watch(Event("ADDED", "c", 8)));

        Assert.Equal(["b", "c"], server.Names());
        Assert.Contains("resourceVersion=7", server.Requests[3].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_bookmark_is_ignored()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(List(10), Watch(Event("ADDED", "a", 12), Bookmark(11)), Watch(Event("ADDED", "b", 13)));

        Assert.Equal(["a", "b"], server.Names());
        Assert.Contains("resourceVersion=12", server.Requests[2].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bookmark_moves_the_watch_on()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(List(10), Watch(Bookmark(20)), Watch(Event("ADDED", "b", 21)));

        Assert.Contains("resourceVersion=20", server.Requests[2].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deletion_of_an_object_that_cannot_be_read_is_taken()
    {
        await using var server = await ScriptedServer.StartAsync();
        var unreadable = Event("DELETED", "a", 3).Replace("\"metadata\"", "\"owner\":{},\"metadata\"", StringComparison.Ordinal);
        await server.PlayAsync(List(1, ("a", 1), ("b", 1)), Watch(unreadable));

        Assert.Equal(["b"], server.Names());
    }

    [Fact]
    public async Task A_silent_watch_is_given_up_by_the_watchdog_and_a_list_tells_what_became_of_the_server()
    {
        await using var server = await ScriptedServer.StartAsync(speed: 500);
        await server.PlayAsync(List(100, ("a", 90)), OpenWatch(Event("ADDED", "b", 101)), List(5, ("c", 4)), Watch(Event("ADDED", "d", 6)));

        var silence = server.Requests[2].At - server.Requests[1].At;
        Assert.InRange(silence, TimeSpan.FromSeconds(150), TimeSpan.FromSeconds(290));
        Assert.Equal(["c", "d"], server.Names());
    }

    [Fact]
    public async Task A_list_whose_body_stalls_is_given_up_and_asked_for_again()
    {
        await using var server = await ScriptedServer.StartAsync(requestTimeout: TimeSpan.FromSeconds(20));
        await server.PlayAsync(Stalled("{\"items\":["), List(1, ("a", 1)), Watch(Event("ADDED", "b", 2)));

        Assert.Equal(["a", "b"], server.Names());
    }

    [Fact]
    public async Task A_list_that_is_forgotten_between_two_pages_is_asked_for_whole()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(Page(5, "next", ("a", 1)), Status(410), List(9, ("b", 8), ("c", 9)), Watch(Event("ADDED", "d", 10)));

        Assert.Equal(["b", "c", "d"], server.Names());
        Assert.Contains("limit=500&continue=next", server.Requests[1].Query, StringComparison.Ordinal);
        Assert.Equal("?limit=0", server.Requests[2].Query);
    }

    [Fact]
    public async Task Failures_and_pages_that_are_no_JSON_are_survived()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(
            Status(500), Status(403), Text("<html>"), List(1), Status(429), Text("<html>\n"), Watch(Event("ADDED", "a", 2)));

        Assert.Equal(["a"], server.Names());
    }
}
