using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Tests.Forge;

public abstract class CountTests(RepositoryProvider provider) : IAsyncLifetime
{
    private protected CountingClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Client = await CountingClient.StartAsync(provider);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Client.DisposeAsync();
    }

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
        Client.OpenOfOthers(count / 10);
        Client.OpenOfPool(count);
        Client.OpenOfOthers(12);
        var closed = Client.Repository.Open("agent/closed");
        Client.Repository.Close(closed);
        Client.Repository.Merge(Client.Repository.Open("agent/merged"));

        Assert.Equal(count, (await Client.CountAsync()).Open);
        Assert.Equal(count, (await Client.CountAsync()).Open);

        Client.Repository.Reopen(closed);
        Assert.Equal(count + 1, (await Client.CountAsync()).Open);
    }

    [Fact]
    public async Task All_labels_are_needed_however_they_are_spelt()
    {
        Client.Object = Client.Object with
        {
            Spec = Client.Object.Spec with { PullRequests = new PullRequestPolicy { Labels = ["bot", "octopoid"] } },
        };
        Client.Repository.Open("agent/1", ["Octopoid", "BOT", "more"]);
        var late = Client.Repository.Open("agent/2", ["bot"]);
        Client.Repository.Open("agent/3");

        Assert.Equal(1, (await Client.CountAsync()).Open);
        Client.Repository.Label(late, "octopoid");
        Assert.Equal(2, (await Client.CountAsync()).Open);
    }

    [Fact]
    public async Task A_page_that_has_just_become_full_hides_nothing_that_comes_after_it()
    {
        var full = Client.Provider.PageSize;
        Client.OpenOfPool(full);
        Assert.Equal(full, (await Client.CountAsync()).Open);

        Client.OpenOfPool(1);
        var requests = await Client.RequestsOfAsync(async () => Assert.Equal(full + 1, (await Client.CountAsync()).Open));
        Assert.Equal(Client.HasETags ? 304 : 200, requests[0].Status);
    }

    [Fact]
    public async Task A_list_that_has_become_shorter_is_counted_as_it_is()
    {
        Client.OpenOfPool(250);
        await Client.CountAsync();
        foreach (var pull in Client.Repository.PullRequests.Skip(30).ToList())
        {
            Client.Repository.Merge(pull.Number);
        }

        Assert.Equal(30, (await Client.CountAsync()).Open);
        Assert.Equal(1, (await Client.CountAsync()).Requests);
    }

    [Fact]
    public async Task Two_counts_at_once_of_one_repository_are_one_after_the_other()
    {
        Client.OpenOfPool(150);
        var going = new TaskCompletionSource();
        Client.Forge.Faults.Next(Testing.Forges.ForgeFault.HeldUntil(going.Task));
        Task<Core.PullRequests.PullRequestCount>[] counts = [Client.CountAsync(), Client.CountAsync(), Client.CountAsync()];
        await Eventually.IsAsync(() => Client.Forge.Concurrent > 0);
        going.SetResult();

        Assert.All(await Task.WhenAll(counts), count => Assert.Equal(150, count.Open));
        Assert.Equal(1, Client.Forge.MaxConcurrent);
    }

    [Fact]
    public async Task A_count_that_was_abandoned_leaves_the_next_one_right()
    {
        Client.OpenOfPool(250);
        await Client.CountAsync();
        Client.Repository.Merge(3);
        Client.Repository.Merge(130);
        using var patience = new CancellationTokenSource();
        Client.Forge.Faults.BeforeAnswer = request =>
        {
            if (request.PathAndQuery.EndsWith("page=2", StringComparison.Ordinal))
            {
                patience.Cancel();
            }
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Client.Session.CountAsync(Client.Object, new Dictionary<long, PullRequestState>(), patience.Token));

        Client.Forge.Faults.BeforeAnswer = null;
        Assert.Equal(248, (await Client.CountAsync()).Open);
    }
}

public sealed class GitHubCountTests() : CountTests(RepositoryProvider.GitHub)
{
    [Fact]
    public async Task A_quiet_list_of_several_pages_is_one_reading_for_nothing()
    {
        Client.OpenOfPool(250);
        var first = await Client.CountAsync();
        Assert.NotNull(first.Pause);
        for (var i = 0; i < 3; i++)
        {
            Client.Time.Advance(TimeSpan.FromSeconds(60));
            var requests = await Client.RequestsOfAsync(async () =>
            {
                var quiet = await Client.CountAsync();
                Assert.Equal((250, 3, first.Quota!.Remaining, null), (quiet.Open, quiet.Requests, quiet.Quota!.Remaining, quiet.Pause));
            });
            Assert.Equal([304, 304, 304], requests.Select(request => request.Status));
        }
    }
}

public sealed class GitLabCountTests() : CountTests(RepositoryProvider.GitLab);

public sealed class GiteaCountTests() : CountTests(RepositoryProvider.Gitea);
