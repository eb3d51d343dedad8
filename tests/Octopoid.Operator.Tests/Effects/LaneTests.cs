using Octopoid.Operator.Effects;

namespace Octopoid.Operator.Tests.Effects;

public sealed class LaneTests
{
    private readonly Lane _lane = new(2);

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task So_many_are_let_through_and_the_next_in_the_order_in_which_they_came()
    {
        await _lane.EnterAsync(CancellationToken);
        await _lane.EnterAsync(CancellationToken);
        var (third, fourth) = (_lane.EnterAsync(CancellationToken), _lane.EnterAsync(CancellationToken));
        Assert.False(third.IsCompleted);

        _lane.Leave();
        Assert.Equal((true, false), (third.IsCompletedSuccessfully, fourth.IsCompleted));
        _lane.Leave();
        Assert.True(fourth.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Who_gives_up_waiting_costs_nobody_a_place()
    {
        using var tired = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);
        await _lane.EnterAsync(CancellationToken);
        await _lane.EnterAsync(CancellationToken);
        var (gone, stays) = (_lane.EnterAsync(tired.Token), _lane.EnterAsync(CancellationToken));
        await tired.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);

        _lane.Leave();
        Assert.True(stays.IsCompletedSuccessfully);
        _lane.Leave();
        _lane.Leave();
        Assert.True(_lane.EnterAsync(CancellationToken).IsCompletedSuccessfully);
        Assert.True(_lane.EnterAsync(CancellationToken).IsCompletedSuccessfully);
        Assert.False(_lane.EnterAsync(CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task Whatever_comes_and_goes_at_once_no_more_are_in_it()
    {
        var (inside, most) = (0, 0);
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = CancellationToken }, async (_, token) =>
        {
            await _lane.EnterAsync(token);
            InterlockedMax(ref most, Interlocked.Increment(ref inside));
            await Task.Yield();
            Interlocked.Decrement(ref inside);
            _lane.Leave();
        });
        Assert.Equal(2, most);
        Assert.Equal(0, inside);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = Volatile.Read(ref most); known < value;)
        {
            known = Interlocked.CompareExchange(ref most, value, known) is var found && found == known ? value : found;
        }
    }
}
