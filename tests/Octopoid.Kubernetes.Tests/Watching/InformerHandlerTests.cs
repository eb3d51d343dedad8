using Microsoft.AspNetCore.Http;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using static Octopoid.Kubernetes.Tests.Watching.Answers;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>What handlers are told, and what those who want a list may rely on.</summary>
[Collection(Undisturbed.Name)]
public sealed class InformerHandlerTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_handler_that_registers_late_is_told_of_all_that_is_known_as_added()
    {
        await using var server = await ScriptedServer.StartAsync();
        await server.PlayAsync(List(1, ("a", 1), ("b", 1)), Watch(Event("MODIFIED", "b", 2), Event("ADDED", "c", 3)));
        var told = new List<ObjectChange<Thing>>();
        server.Informer.Register(told.AddRange);

        Assert.All(told, change => Assert.True(change.IsAdded));
        Assert.Equal(server.Informer.Lister.Objects.ToHashSet(), told.Select(change => change.Current!).ToHashSet());
        Assert.Equal(3, told.Count);
    }

    [Fact]
    public async Task A_registration_that_was_disposed_hears_nothing()
    {
        await using var server = await ScriptedServer.StartAsync();
        var (kept, ended) = (0, 0);
        server.Informer.Register(changes => kept += changes.Count);
        server.Informer.Register(changes => ended += changes.Count).Dispose();
        await server.PlayAsync(List(1, ("a", 1)), Watch(Event("ADDED", "b", 2)));

        Assert.Equal((2, 0), (kept, ended));
    }

    [Fact]
    public async Task A_handler_may_end_itself_and_others_while_it_is_told()
    {
        await using var server = await ScriptedServer.StartAsync();
        var told = new List<string>();
        IDisposable? second = null;
        IDisposable? first = null;
        first = server.Informer.Register(_ =>
        {
            told.Add("first");
            first!.Dispose();
            second!.Dispose();
        });
        second = server.Informer.Register(_ => told.Add("second"));
        server.Informer.Register(_ => told.Add("third"));
        await server.PlayAsync(List(1, ("a", 1)), Watch(Event("ADDED", "b", 2)));

        Assert.Equal(["first", "third", "third"], told);
    }

    [Fact]
    public async Task One_registration_of_a_handler_ends_without_the_other()
    {
        await using var server = await ScriptedServer.StartAsync();
        var told = 0;
        Action<IReadOnlyList<ObjectChange<Thing>>> handler = _ => told++;
        server.Informer.Register(handler);
        var second = server.Informer.Register(handler);
        second.Dispose();
        second.Dispose();
        await server.PlayAsync(List(1, ("a", 1)));

        Assert.Equal(1, told);
    }

    [Fact]
    public async Task A_wanted_list_ends_the_watch_and_is_granted_when_handlers_were_told()
    {
        await using var server = await ScriptedServer.StartAsync();
        var told = new List<ObjectChange<Thing>>();
        server.Informer.Register(told.AddRange);
        server.Begin(List(1), OpenWatch(Event("ADDED", "a", 2)), List(5, ("b", 4)));
        await server.UntilAskedAsync(2);
        var wish = server.Time.Elapsed;
        await server.Informer.RelistAsync(CancellationToken);

        // Long before the watchdog would have ended it.
        Assert.True(server.Requests[2].At - wish < TimeSpan.FromSeconds(100));
        Assert.Equal("b", told[^1].Current!.Metadata!.Name);
        Assert.DoesNotContain("watch=true", server.Requests[2].Query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_is_under_way_does_not_grant_a_wish_that_came_after_it_began()
    {
        await using var server = await ScriptedServer.StartAsync();
        var ready = new TaskCompletionSource();
        var readyAgain = new TaskCompletionSource();
        server.Begin(When(ready.Task, List(1)), When(readyAgain.Task, List(5, ("b", 4))));
        await server.UntilAskedAsync(1);
        var wanted = server.Informer.RelistAsync(CancellationToken);
        ready.SetResult();
        await server.UntilAskedAsync(2);

        Assert.False(wanted.IsCompleted);
        readyAgain.SetResult();
        await wanted;
        Assert.Equal(["b"], server.Names());
    }

    [Fact]
    public async Task Wishes_that_come_faster_than_lists_do_not_starve_each_other()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Begin([.. Enumerable.Repeat(Slow(server), 100)]);
        var first = server.Informer.RelistAsync(CancellationToken);
        for (var wish = 0; wish < 20 && !first.IsCompleted; wish++)
        {
            _ = server.Informer.RelistAsync(CancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), server.Time, CancellationToken);
        }

        Assert.True(first.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_list_that_was_wanted_and_fails_is_still_wanted()
    {
        await using var server = await ScriptedServer.StartAsync();
        var wanted = server.Informer.RelistAsync(CancellationToken);
        server.Begin(Status(403), Status(404), List(5, ("b", 4)));

        await wanted.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken);
        Assert.Equal(["b"], server.Names());
    }

    [Fact]
    public async Task Neither_wishes_nor_the_end_of_a_run_are_failures_whatever_is_under_way()
    {
        await using var server = await ScriptedServer.StartAsync();
        server.Begin(List(1), Silence, Silence);
        await server.UntilAskedAsync(2);
        _ = server.Informer.RelistAsync(CancellationToken);
        await server.UntilAskedAsync(3);
        _ = server.Informer.RelistAsync(CancellationToken);

        Assert.False(server.Run.IsCompleted);
        await server.StopAsync();
        Assert.True(server.Run.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_run_ends_quietly_also_while_credentials_are_waited_for()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var answered = new ManualResetEventSlim();
        using var connection = new TestConnection(
            new ApiServerConfiguration("a plugin that hangs", () =>
            {
                asked.SetResult();
                answered.Wait(CancellationToken);
                throw new InvalidOperationException("The plugin has failed.");
            }),
            TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var run = connection.Informer(Thing.Watched).RunAsync(stop.Token);
        await asked.Task;
        await stop.CancelAsync();

        await run.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken);
        answered.Set();
    }

    private static Func<HttpContext, Task> Slow(ScriptedServer server) => async context =>
    {
        await Task.Delay(TimeSpan.FromSeconds(3), server.Time, context.RequestAborted);
        await List(1)(context);
    };
}
