using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

public abstract class KnownPullRequestTests(RepositoryProvider provider) : IAsyncLifetime
{
    private CountingClient _client = null!;

    private ForgeRepository Repository => _client.Repository;

    public async ValueTask InitializeAsync() => _client = await CountingClient.StartAsync(provider);

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _client.DisposeAsync();
    }

    [Fact]
    public async Task One_that_was_merged_or_closed_is_asked_for_once_and_known_from_then_on()
    {
        var (open, merged, closed) = (Repository.Open("agent/1"), Repository.Open("agent/2"), Repository.Open("agent/3"));
        Repository.Merge(merged);
        Repository.Close(closed);
        for (var i = 0; i < 3; i++)
        {
            var said = await CountAsync(open, merged, closed);
            Assert.Equal(
                [PullRequestState.Open, PullRequestState.Merged, PullRequestState.Closed],
                new[] { open, merged, closed }.Select(number => said.Known[number].State));
            Assert.Equal(Repository[merged].HeadSha, said.Known[merged].HeadSHA);
            Assert.Equal(1, said.Open);
        }

        Assert.Single(Asked(merged));
        Assert.Single(Asked(closed));
        Assert.Empty(Asked(open));
    }

    [Fact]
    public async Task One_that_is_opened_again_is_open_whatever_is_on_record()
    {
        var number = Repository.Open("agent/1");
        Repository.Close(number);
        Assert.Equal(PullRequestState.Closed, (await CountAsync(number)).Known[number].State);
        Assert.Equal(PullRequestState.Closed, (await _client.CountAsync((number, PullRequestState.Closed))).Known[number].State);

        Repository.Reopen(number);
        var said = await _client.CountAsync((number, PullRequestState.Closed));
        Assert.Equal((1, PullRequestState.Open), (said.Open, said.Known[number].State));

        // Merged then, it is asked for anew.
        Repository.Merge(number);
        Assert.Equal(PullRequestState.Merged, (await CountAsync(number)).Known[number].State);
        Assert.Equal(2, Asked(number).Count);
    }

    [Fact]
    public async Task One_that_was_opened_again_and_merged_between_two_counts_is_found_out_in_ten_minutes()
    {
        var (reopened, closed) = (Repository.Open("agent/1"), Repository.Open("agent/2"));
        Repository.Close(reopened);
        Repository.Close(closed);
        await CountAsync(reopened, closed);
        Repository.Reopen(reopened);
        Repository.Merge(reopened);
        _client.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(PullRequestState.Closed, (await CountClosedAsync()).Known[reopened].State);

        _client.Time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 0; i < 3; i++)
        {
            var said = await CountClosedAsync();
            Assert.Equal((PullRequestState.Merged, PullRequestState.Closed), (said.Known[reopened].State, said.Known[closed].State));
        }

        // What has not changed is asked for free; and a new leader, who knows nothing, asks too.
        Assert.Equal([200, _client.HasETags ? 304 : 200], Asked(closed).Select(request => request.Status));
        Assert.Equal([200, 200], Asked(reopened).Select(request => request.Status));
        _client.Session = _client.Open();
        Assert.Equal(PullRequestState.Merged, (await CountClosedAsync()).Known[reopened].State);

        Task<PullRequestCount> CountClosedAsync() => _client.CountAsync((reopened, PullRequestState.Closed), (closed, PullRequestState.Closed));
    }

    [Fact]
    public async Task A_head_that_moves_is_told_from_the_list()
    {
        var number = Repository.Open("agent/1");
        var before = Repository[number].HeadSha;
        Assert.Equal(before, (await CountAsync(number)).Known[number].HeadSHA);
        var after = Repository.Push(number);
        Assert.Equal(after, (await CountAsync(number)).Known[number].HeadSHA);
        Assert.Empty(Asked(number));
    }

    [Fact]
    public async Task An_unknown_number_is_not_asked_for_again_before_ten_minutes()
    {
        var said = await CountAsync(77);
        Assert.Empty(said.Known);
        _client.Time.Advance(TimeSpan.FromMinutes(10));
        await CountAsync(77);
        Assert.Single(Asked(77));

        _client.Time.Advance(TimeSpan.FromSeconds(1));
        await CountAsync(77);
        Assert.Equal(2, Asked(77).Count);

        // Opened after all, it is in the list.
        for (var i = 0; i < 77; i++)
        {
            Repository.Open($"agent/{i}");
        }

        Assert.Equal(PullRequestState.Open, (await CountAsync(77)).Known[77].State);
        Assert.Equal(2, Asked(77).Count);
    }

    [Fact]
    public async Task More_than_fifty_are_asked_for_in_several_counts_each_once()
    {
        var numbers = Enumerable.Range(0, 120).Select(i => Repository.Open($"agent/{i}")).ToArray();
        foreach (var number in numbers)
        {
            Repository.Merge(number);
        }

        var rounds = new List<(int Known, bool HasMore)>();
        for (var i = 0; i < 4; i++)
        {
            var said = await CountAsync(numbers);
            rounds.Add((said.Known.Count, said.HasMore));
        }

        Assert.Equal([(50, true), (100, true), (120, false), (120, false)], rounds);
        Assert.All(numbers, number => Assert.Single(Asked(number)));
    }

    [Fact]
    public async Task One_on_record_counts_though_it_matches_no_filter()
    {
        var number = Repository.Open("somebody/branch", isFork: true);
        Assert.Equal(0, (await _client.CountAsync()).Open);
        Assert.Equal(1, (await CountAsync(number)).Open);
        Assert.Equal(1, (await _client.CountAsync((number, PullRequestState.Closed))).Open);
    }

    [Fact]
    public async Task One_that_is_opened_again_after_the_list_was_read_counts_once()
    {
        var number = Repository.Open("agent/1");
        Repository.Close(number);
        _client.Forge.Faults.BeforeAnswer = request =>
        {
            if (_client.IsOf(request, 1))
            {
                Repository.Reopen(number);
            }
        };

        var said = await CountAsync(number);
        Assert.Equal((1, PullRequestState.Open), (said.Open, said.Known[number].State));
        _client.Forge.Faults.BeforeAnswer = null;
        Assert.Equal(1, (await CountAsync(number)).Open);
    }

    [Fact]
    public async Task A_look_up_that_fails_is_made_again_and_those_before_it_are_not()
    {
        var (first, second) = (Repository.Open("agent/1"), Repository.Open("agent/2"));
        Repository.Merge(first);
        Repository.Merge(second);
        _client.Forge.Faults.Next(ForgeFault.Error(502), where: request => _client.IsOf(request, second));
        await Assert.ThrowsAsync<Operator.Forge.ForgeException>(() => CountAsync(first, second));

        Assert.Equal(2, (await CountAsync(first, second)).Known.Count);
        Assert.Single(Asked(first));
        Assert.Equal(2, Asked(second).Count);
    }

    private Task<PullRequestCount> CountAsync(params long[] recordedOpen) =>
        _client.CountAsync([.. recordedOpen.Select(number => (number, PullRequestState.Open))]);

    private IReadOnlyList<ForgeRequest> Asked(long number) => _client.Asked(number);
}

public sealed class GitHubKnownPullRequestTests() : KnownPullRequestTests(RepositoryProvider.GitHub);

public sealed class GitLabKnownPullRequestTests() : KnownPullRequestTests(RepositoryProvider.GitLab);

public sealed class GiteaKnownPullRequestTests() : KnownPullRequestTests(RepositoryProvider.Gitea);
