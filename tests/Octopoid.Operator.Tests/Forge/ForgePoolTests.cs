using Octopoid.Core.Kinds;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Forge;

public sealed class ForgePoolTests
{
    private const int Limit = 8;

    /// <summary>A request that hangs, the longest back-off, and an answer that comes late.</summary>
    private static readonly TimeSpan Reopening = TimeSpan.FromSeconds(30 + 60 + 25 + 5);

    [Theory]
    [InlineData(RepositoryProvider.GitHub, 20)]
    [InlineData(RepositoryProvider.GitLab, 6)]
    [InlineData(RepositoryProvider.Gitea, 6)]
    public async Task No_start_in_two_hours_of_troubles_makes_more_than_are_allowed_and_the_gate_opens_after_each(RepositoryProvider provider, int seeds)
    {
        var start = TimeProvider.System.GetTimestamp();
        var (claims, counts, failures, troubles, longest) = (0, 0, 0, 0, TimeSpan.Zero);
        for (var seed = 1; seed <= seeds; seed++)
        {
            try
            {
                var run = await RunAsync(provider, seed, TimeSpan.FromHours(2));
                (claims, counts, failures, troubles) = (claims + run.Pool.Claims, counts + run.Pool.Counts, failures + run.Pool.Failures, troubles + run.Weather.Troubles);
                longest = run.Longest > longest ? run.Longest : longest;
                Assert.True(run.Pool.Claims > 10, $"Only {run.Pool.Claims} attempts were started.");
            }
            catch (Xunit.Sdk.XunitException e)
            {
                Assert.Fail($"Seed {seed}: {e.Message}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"Seeds 1 to {seeds}, 2 h each: {claims} claims, {counts} counts, {failures} of them failed, {troubles} troubles; counted again at most "
            + $"{longest.TotalSeconds:0} s after a trouble; {TimeProvider.System.GetElapsedTime(start).TotalSeconds:0.0} s.");
    }

    [Fact]
    public async Task Calls_a_minute_do_not_depend_on_the_number_of_tasks()
    {
        var calls = new Dictionary<int, double>();
        foreach (var tasks in (int[])[1, 100])
        {
            await using var client = await CountingClient.StartAsync();
            client.OpenOfPool(250);
            var pool = new ForgePool(client, new Random(1), limit: 10) { IsPrompt = true };
            pool.AddRepository(client.Repository, maxOpen: null);
            for (var i = 1; i <= tasks; i++)
            {
                pool.AddTask($"open-{i}", client.Repository, pullRequest: i);
                pool.AddTask($"waiting-{i}", client.Repository);
            }

            await pool.SettleAsync();
            var before = client.Forge.Requests.Count;
            var end = pool.Now + TimeSpan.FromMinutes(30);
            while (pool.Now < end)
            {
                client.Time.SetUtcNow(Earliest(await pool.SettleAsync(), end));
            }

            calls[tasks] = (client.Forge.Requests.Count - before) / 30d;
            Assert.All(client.Forge.Requests.Skip(before), request => Assert.Equal(304, request.Status));
            Assert.Equal(0, pool.Claims);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"Calls a minute, 250 open: {calls[1]:0.00} with 1 task, {calls[100]:0.00} with 100.");
        Assert.Equal(calls[1], calls[100]);
        Assert.InRange(calls[1], 2.8, 3.1);
    }

    private static async Task<(ForgePool Pool, ForgeWeather Weather, TimeSpan Longest)> RunAsync(RepositoryProvider provider, int seed, TimeSpan time)
    {
        var random = new Random(seed);
        await using var client = await CountingClient.StartAsync(provider);
        var other = client.Forge.Add("octo", "atoll");
        var pool = new ForgePool(client, random, Limit);
        var weather = new ForgeWeather(client, pool, random);
        weather.Renew();
        client.Forge.ForgeClockSkew = TimeSpan.FromSeconds(random.Next(-3600, 3600));
        pool.AddRepository(client.Repository, maxOpen: 5);
        pool.AddRepository(other, maxOpen: null);
        for (var i = 0; i < 150; i++)
        {
            pool.AddTask($"t{i}", i % 2 == 0 ? client.Repository : other);
        }

        var (end, next, longest, opened) = (pool.Now + time, pool.Now, TimeSpan.Zero, (DateTimeOffset?)null);
        while (pool.Now < end)
        {
            weather.Turn();
            if (pool.Now >= next)
            {
                Live(random.Next(2) == 0 ? client.Repository : other, random);
                next = pool.Now + TimeSpan.FromSeconds(random.Next(10, 120));
            }

            var due = await pool.SettleAsync();
            if (weather.Trouble is null or "skew" && pool.CountedSince >= weather.GoodSince && opened != weather.GoodSince)
            {
                opened = weather.GoodSince;
                longest = pool.Now - opened.Value > longest ? pool.Now - opened.Value : longest;
            }

            Assert.True(
                weather.Trouble is not (null or "skew") || pool.Now - weather.GoodSince < Reopening || pool.CountedSince >= weather.GoodSince,
                $"At {pool.Now:T} nothing was counted since {weather.GoodSince:T}, but at {pool.CountedSince:T}.");
            client.Time.SetUtcNow(Earliest(Earliest(due, next), Earliest(weather.Next, end)));
        }

        return (pool, weather, longest);
    }

    /// <summary>What people do at the forge.</summary>
    private static void Live(ForgeRepository repository, Random random)
    {
        var open = repository.PullRequests.Where(pull => pull.IsOpen).ToList();
        switch (random.Next(12))
        {
            case < 6 when open.Count > 0:
                repository.Merge(open[random.Next(open.Count)].Number);
                break;
            case < 8 when open.Count > 0:
                repository.Close(open[random.Next(open.Count)].Number);
                break;
            case 8:
                repository.Rename($"{repository.Name.Split('-')[0]}-{random.Next(10_000)}");
                break;
            case 9 when open.Count > 0:
                repository.Push(open[random.Next(open.Count)].Number);
                break;
            default:
                repository.Open($"people/{random.Next()}", isFork: random.Next(2) == 0);
                break;
        }
    }

    private static DateTimeOffset Earliest(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
