using Microsoft.Extensions.Time.Testing;
using Octopoid.Core.State;
using Octopoid.Operator.Loop;

namespace Octopoid.Operator.Tests.Loop;

public sealed class InboxTests
{
    private static readonly Fact News = new Fact.FinishLanded("uid", 1);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Facts_come_out_in_the_order_they_came_in()
    {
        var inbox = new Inbox(TimeProvider.System);
        inbox.Post([new Fact.FinishLanded("a", 1), new Fact.FinishLanded("b", 1)]);

        await inbox.WaitAsync(null, CancellationToken);
        Assert.True(inbox.TryTake(out var first) && inbox.TryTake(out var second) && first is Fact.FinishLanded { TaskUid: "a" }
            && second is Fact.FinishLanded { TaskUid: "b" });
        Assert.False(inbox.TryTake(out _));
    }

    [Fact]
    public async Task A_wait_ends_when_its_time_has_come_and_not_before()
    {
        var time = new FakeTimeProvider();
        var inbox = new Inbox(time);
        var wait = inbox.WaitAsync(time.GetUtcNow().AddSeconds(5), CancellationToken);

        time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(wait.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await wait;
    }

    [Fact]
    public async Task A_wait_ends_with_a_fact_however_far_its_time_is()
    {
        var inbox = new Inbox(TimeProvider.System);
        var wait = inbox.WaitAsync(DateTimeOffset.MaxValue, CancellationToken);
        inbox.Post(News);

        await wait;
    }

    [Fact]
    public async Task A_wait_that_is_cancelled_says_so()
    {
        using var stop = new CancellationTokenSource();
        var wait = new Inbox(TimeProvider.System).WaitAsync(null, stop.Token);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Facts_and_times_may_come_at_the_same_moment()
    {
        // An alarm that met the end of its wait once ended the process: nothing may be thrown, here or on another thread.
        var inbox = new Inbox(TimeProvider.System);
        for (var round = 0; round < 300; round++)
        {
            var post = Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken)
                .ContinueWith(_ => inbox.Post(News), TaskScheduler.Default);
            await inbox.WaitAsync(TimeProvider.System.GetUtcNow().AddMilliseconds(2), CancellationToken);
            await post;
            Assert.True(inbox.TryTake(out _));
        }
    }
}
