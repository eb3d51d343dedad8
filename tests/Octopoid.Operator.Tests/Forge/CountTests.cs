using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Tests.Forge;

public sealed class CountTests : IAsyncLifetime
{
    private CountingClient _client = null!;

    public async ValueTask InitializeAsync() => _client = await CountingClient.StartAsync();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(30)]
    [InlineData(31)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(250)]
    [InlineData(1000)]
    public async Task Those_of_the_pool_are_counted_and_no_others(int count)
    {
        _client.OpenOfOthers(count / 10);
        _client.OpenOfPool(count);
        _client.OpenOfOthers(12);
        var closed = _client.Repository.Open("agent/closed");
        _client.Repository.Close(closed);
        _client.Repository.Merge(_client.Repository.Open("agent/merged"));

        Assert.Equal(count, (await _client.CountAsync()).Open);
        Assert.Equal(count, (await _client.CountAsync()).Open);

        _client.Repository.Reopen(closed);
        Assert.Equal(count + 1, (await _client.CountAsync()).Open);
    }

    [Fact]
    public async Task All_labels_are_needed_however_they_are_spelt()
    {
        _client.Object = _client.Object with
        {
            Spec = _client.Object.Spec with { PullRequests = new PullRequestPolicy { Labels = ["bot", "octopoid"] } },
        };
        _client.Repository.Open("agent/1", ["Octopoid", "BOT", "more"]);
        var late = _client.Repository.Open("agent/2", ["bot"]);
        _client.Repository.Open("agent/3");

        Assert.Equal(1, (await _client.CountAsync()).Open);
        _client.Repository.Label(late, "octopoid");
        Assert.Equal(2, (await _client.CountAsync()).Open);
    }

    [Fact]
    public async Task A_page_that_has_just_become_full_hides_nothing_that_comes_after_it()
    {
        _client.OpenOfPool(100);
        Assert.Equal(100, (await _client.CountAsync()).Open);

        _client.OpenOfPool(1);
        var requests = await _client.RequestsOfAsync(async () => Assert.Equal(101, (await _client.CountAsync()).Open));
        Assert.Equal(304, requests[0].Status);
    }

    [Fact]
    public async Task A_quiet_list_of_several_pages_is_one_reading_for_nothing()
    {
        _client.OpenOfPool(250);
        var first = await _client.CountAsync();
        Assert.NotNull(first.Pause);
        for (var i = 0; i < 3; i++)
        {
            _client.Time.Advance(TimeSpan.FromSeconds(60));
            var requests = await _client.RequestsOfAsync(async () =>
            {
                var quiet = await _client.CountAsync();
                Assert.Equal((250, 3, first.Quota!.Remaining, null), (quiet.Open, quiet.Requests, quiet.Quota!.Remaining, quiet.Pause));
            });
            Assert.Equal([304, 304, 304], requests.Select(request => request.Status));
        }
    }

    [Fact]
    public async Task A_list_that_has_become_shorter_is_counted_as_it_is()
    {
        _client.OpenOfPool(250);
        await _client.CountAsync();
        foreach (var pull in _client.Repository.PullRequests.Skip(50).ToList())
        {
            _client.Repository.Merge(pull.Number);
        }

        Assert.Equal(50, (await _client.CountAsync()).Open);
        Assert.Equal(1, (await _client.CountAsync()).Requests);
    }

    [Fact]
    public async Task Two_counts_at_once_of_one_repository_are_one_after_the_other()
    {
        _client.OpenOfPool(150);
        var going = new TaskCompletionSource();
        _client.Forge.Faults.Next(Testing.Forges.ForgeFault.HeldUntil(going.Task));
        Task<Core.PullRequests.PullRequestCount>[] counts = [_client.CountAsync(), _client.CountAsync(), _client.CountAsync()];
        await CountingClient.UntilAsync(() => _client.Forge.Concurrent > 0);
        going.SetResult();

        Assert.All(await Task.WhenAll(counts), count => Assert.Equal(150, count.Open));
        Assert.Equal(1, _client.Forge.MaxConcurrent);
    }

    [Fact]
    public async Task A_count_that_was_abandoned_leaves_the_next_one_right()
    {
        _client.OpenOfPool(250);
        await _client.CountAsync();
        _client.Repository.Merge(3);
        _client.Repository.Merge(130);
        using var patience = new CancellationTokenSource();
        _client.Forge.Faults.BeforeAnswer = request =>
        {
            if (request.PathAndQuery.EndsWith("page=2", StringComparison.Ordinal))
            {
                patience.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            _client.Session.CountAsync(_client.Object, new Dictionary<long, PullRequestState>(), patience.Token));

        _client.Forge.Faults.BeforeAnswer = null;
        Assert.Equal(248, (await _client.CountAsync()).Open);
    }
}
