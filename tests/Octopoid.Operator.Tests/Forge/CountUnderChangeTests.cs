using System.Globalization;
using System.Text.RegularExpressions;
using Octopoid.Core.Kinds;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>The list changes while it is read: a count may come out too high, never too low.</summary>
public abstract partial class CountUnderChangeTests(RepositoryProvider provider)
{
    private const int Pages = 3;
    private const int Passes = 5;

    private readonly int _seeds = provider == RepositoryProvider.GitHub ? 60 : 20;

    /// <summary>What happens at the forge between two pages.</summary>
    public enum Change
    {
        OthersClosed,
        PoolClosed,
        PoolMerged,
        PoolOpened,
        OldReopened,
        OthersReopened,
    }

    public static TheoryData<Change, bool> Changes
    {
        get
        {
            var changes = new TheoryData<Change, bool>();
            foreach (var change in Enum.GetValues<Change>())
            {
                changes.Add(change, false);
                changes.Add(change, true);
            }

            return changes;
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_change_before_any_page_of_any_reading_hides_nothing(Change change, bool isFirstCount)
    {
        await using var client = await CountingClient.StartAsync(provider);
        Fill(client, new Random(1));
        if (!isFirstCount)
        {
            await client.CountAsync();
        }

        var random = new Random(2);
        for (var page = 1; page <= Pages; page++)
        {
            for (var pass = 1; pass <= 2; pass++)
            {
                var readings = 0;
                client.Forge.Faults.BeforeAnswer = request =>
                {
                    if (PageOf(request) == page && ++readings == pass)
                    {
                        Make(change, client.Repository, random);
                    }
                };
                client.Session = isFirstCount ? client.Open() : client.Session;
                var said = await client.CountAsync();
                Assert.True(said.Open >= client.Truth, $"{change} before page {page} of reading {pass}: {said.Open} of {client.Truth} were counted.");
            }
        }
    }

    [Fact]
    public async Task Closing_one_of_others_in_every_reading_hides_none_of_the_pool()
    {
        await using var client = await CountingClient.StartAsync(provider);
        client.OpenOfOthers(60);
        client.OpenOfPool(190);
        await client.CountAsync();
        var next = 1;
        client.Forge.Faults.BeforeAnswer = request =>
        {
            if (PageOf(request) == 2)
            {
                client.Repository.Close(next++);
            }
        };

        Assert.True((await client.CountAsync()).Open >= 190);
        Assert.Equal(1 + Passes, next);
    }

    [Fact]
    public async Task Whatever_changes_while_it_is_read_the_count_is_not_too_low()
    {
        await using var client = await CountingClient.StartAsync(provider);
        var (counts, over) = (0, 0);
        for (var seed = 1; seed <= _seeds; seed++)
        {
            var random = new Random(seed);
            var repository = client.Repository;
            foreach (var pull in repository.PullRequests.Where(pull => pull.IsOpen))
            {
                repository.Close(pull.Number);
            }

            Fill(client, random);
            client.Session = client.Open();

            // One that is opened again in the midst of the list, behind the reader, is not seen before the list is quiet; the others must be.
            var (chance, kinds, reopened) = (random.NextDouble(), seed % 2 == 0 ? (int)Change.OldReopened : Enum.GetValues<Change>().Length, 0);
            client.Forge.Faults.BeforeAnswer = _ =>
            {
                while (random.NextDouble() < chance * 0.6)
                {
                    var change = (Change)random.Next(kinds);
                    reopened += change == Change.OldReopened ? 1 : 0;
                    Make(change, repository, random);
                }
            };
            for (var i = 0; i < 3; i++)
            {
                reopened = 0;
                var said = (await client.CountAsync()).Open;
                Assert.True(said >= client.Truth - reopened, $"Seed {seed}, count {i}: {said} of {client.Truth} were counted.");
                (counts, over) = (counts + 1, over + said - client.Truth);
            }

            client.Forge.Faults.BeforeAnswer = null;
            Assert.Equal(client.Truth, (await client.CountAsync()).Open);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"Seeds 1 to {_seeds}: {counts} counts under change, none too low; {(double)over / counts:0.00} too many on average.");
    }

    private static void Fill(CountingClient client, Random random)
    {
        for (var i = 0; i < 3; i++)
        {
            client.OpenOfOthers(random.Next(0, 50));
            client.OpenOfPool(random.Next(30, 60));
        }

        var closed = client.Repository.PullRequests.Where(pull => pull.IsOpen).Where(_ => random.Next(10) == 0).Select(pull => pull.Number).ToList();
        closed.ForEach(client.Repository.Close);
        client.OpenOfPool(Math.Max(0, 205 + random.Next(50) - client.Repository.OpenCount));
    }

    private static void Make(Change change, ForgeRepository repository, Random random)
    {
        var candidates = repository.PullRequests.Where(pull => change switch
        {
            Change.OthersClosed => pull.IsOpen && !IsOfPool(pull),
            Change.PoolClosed or Change.PoolMerged => pull.IsOpen && IsOfPool(pull),
            Change.OldReopened => !pull.IsOpen && !pull.IsMerged && IsOfPool(pull),
            Change.OthersReopened => !pull.IsOpen && !pull.IsMerged && !IsOfPool(pull),
            _ => false,
        }).Select(pull => pull.Number).ToList();
        switch (change)
        {
            case Change.PoolOpened:
                repository.Open($"agent/new-{random.Next()}");
                break;
            case var _ when candidates.Count == 0:
                break;
            case Change.OldReopened or Change.OthersReopened:
                repository.Reopen(candidates[random.Next(candidates.Count)]);
                break;
            case Change.PoolMerged:
                repository.Merge(candidates[random.Next(candidates.Count)]);
                break;
            default:
                // Mostly an old one, so that many others move.
                repository.Close(candidates[random.Next(1 + (candidates.Count / (1 + random.Next(10)))) % candidates.Count]);
                break;
        }
    }

    private static bool IsOfPool(ForgePullRequest pull) => !pull.IsFork && pull.Branch.StartsWith("agent/", StringComparison.Ordinal);

    private static int PageOf(ForgeRequest request) =>
        PageNumber().Match(request.PathAndQuery) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"[?&]page=(\d+)")]
    private static partial Regex PageNumber();
}

public sealed class GitHubCountUnderChangeTests() : CountUnderChangeTests(RepositoryProvider.GitHub);

public sealed class GitLabCountUnderChangeTests() : CountUnderChangeTests(RepositoryProvider.GitLab);

public sealed class GiteaCountUnderChangeTests() : CountUnderChangeTests(RepositoryProvider.Gitea);
