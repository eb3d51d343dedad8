using System.Text.Json.Nodes;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Leases;

/// <summary>Electors over real HTTP on a fast clock: 15 s of lease, 10 s to renew it, 1.5 s between tries.</summary>
[Collection(Undisturbed.Name)]
public sealed class LeaderElectorTests : IAsyncLifetime
{
    private readonly FastTime _time = new(25);
    private readonly Beliefs _beliefs = new();
    private long _begin;
    private LeaseServer _server = null!;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await LeaseServer.StartAsync(CancellationToken);
        _begin = _time.GetTimestamp();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Assert.Empty(_beliefs.Overlaps());
        Assert.False(_server.HasOverlapped, "A candidate had two requests under way at once.");
    }

    [Fact]
    public async Task The_first_makes_the_Lease_and_leaves_it_empty_for_the_next()
    {
        var first = Candidate("a");
        await LeadsAsync(first);
        await using var second = Candidate("b");
        Assert.Equal(("a", 1L), (_server.Holder, first.Leadership!.Epoch));

        await first.DisposeAsync();
        var released = _time.GetTimestamp();
        await LeadsAsync(second);

        // 1.5 s, and what a busy machine makes of a request at this speed.
        Assert.InRange(_time.GetElapsedTime(released).TotalSeconds, 0, 5);
        Assert.Equal(2, second.Leadership!.Epoch);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"l"}}""")]
    [InlineData("""{"metadata":{"name":"l"},"spec":{}}""")]
    [InlineData("""{"metadata":{"name":"l"},"spec":{"holderIdentity":"","leaseTransitions":7}}""")]
    public async Task A_Lease_without_a_holder_is_taken_at_once(string lease)
    {
        _server.Edit(JsonNode.Parse(lease)!.AsObject());

        await using var candidate = Candidate("a");
        await LeadsAsync(candidate);

        Assert.InRange(Time(), 0, 10);
        Assert.Equal(lease.Contains('7', StringComparison.Ordinal) ? 8 : 1, candidate.Leadership!.Epoch);
    }

    [Theory]
    [InlineData(Treatment.Error)]
    [InlineData(Treatment.Reset)]
    [InlineData(Treatment.Silence)]
    [InlineData(Treatment.LostAnswer)]
    [InlineData(Treatment.Forbidden)]
    internal async Task Failures_that_end_before_the_deadline_cost_nothing(Treatment treatment)
    {
        await using var candidate = Candidate("a");
        await LeadsAsync(candidate);
        var leadership = candidate.Leadership!;

        _server.Treat = _ => treatment;
        await PassAsync(TimeSpan.FromSeconds(5));

        // After a lost answer the next try meets its own change, which is a conflict and no failure.
        Assert.True(treatment == Treatment.LostAnswer || candidate.Elector.Failure?.StartsWith("cannot renew the lease: ", StringComparison.Ordinal) == true);
        Assert.Equal(treatment == Treatment.Forbidden, candidate.Elector.IsRefused);
        _server.Treat = _ => Treatment.Fair;
        await PassAsync(TimeSpan.FromSeconds(20));

        Assert.Null(candidate.Elector.Failure);
        Assert.False(candidate.Elector.IsRefused);
        Assert.True(leadership.IsHeld);
        Assert.Same(leadership, candidate.Leadership);
    }

    [Theory]
    [InlineData(Treatment.Error)]
    [InlineData(Treatment.Silence)]
    internal async Task Failures_that_last_cost_the_lead_before_others_may_take_it_and_it_is_won_again(Treatment treatment)
    {
        await using var candidate = Candidate("a");
        await LeadsAsync(candidate);
        var lost = candidate.Leadership!.Lost;

        _server.Treat = _ => treatment;
        var failing = _time.GetTimestamp();
        await UntilAsync(() => lost.IsCancellationRequested, "the lead is lost");
        Assert.InRange(_time.GetElapsedTime(failing).TotalSeconds, 8, 13);

        // Whoever has lost the lead renews no more, though nobody else has taken it yet.
        var past = _server.Requests.Count;
        await PassAsync(TimeSpan.FromSeconds(10));
        Assert.DoesNotContain(_server.Requests.Skip(past), request => request.Method == "PATCH" && treatment == Treatment.Error);
        _server.Treat = _ => Treatment.Fair;
        await LeadsAsync(candidate);
        Assert.Equal(2, candidate.Leadership!.Epoch);
    }

    [Fact]
    public async Task A_holder_that_renews_no_more_is_followed_after_its_own_lease_and_not_before()
    {
        _server.Edit(Held("gone", seconds: 40));

        await using var candidate = Candidate("a");
        for (var label = 0; Time() < 30; label++)
        {
            // Somebody's label is no sign of life of the holder.
            _server.Label($"{label}");
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.Equal("gone", _server.Holder);
        await LeadsAsync(candidate);
        Assert.InRange(Time(), 40, 47);
    }

    [Fact]
    public async Task A_Lease_deleted_under_its_holder_is_lost_at_once_and_who_saw_it_held_waits()
    {
        var holder = Candidate("a");
        await LeadsAsync(holder);
        var lost = holder.Leadership!.Lost;
        await using var other = Candidate("b");
        await UntilAsync(() => other.Elector.Leader == "a", "the other has seen the holder");
        _server.Treat = candidate => candidate == "a" ? Treatment.Silence : Treatment.Fair;
        var deleted = _time.GetTimestamp();
        _server.Edit(null);

        // The holder cannot learn of it: it leads on until its deadline, and the other must not begin before.
        await UntilAsync(() => lost.IsCancellationRequested, "the lead is lost");
        await LeadsAsync(other);
        Assert.InRange(_time.GetElapsedTime(deleted).TotalSeconds, 10, 25);

        lost = other.Leadership!.Lost;
        deleted = _time.GetTimestamp();
        _server.Edit(null);
        await UntilAsync(() => lost.IsCancellationRequested, "the lead is lost");
        Assert.InRange(_time.GetElapsedTime(deleted).TotalSeconds, 0, 6);
        await holder.DisposeAsync();
    }

    [Fact]
    public async Task Told_to_stop_it_renews_until_its_work_has_ended_and_then_releases()
    {
        var candidate = Candidate("a", farewell: TimeSpan.FromSeconds(30));
        await LeadsAsync(candidate);

        var stopping = candidate.StopAsync();
        await PassAsync(TimeSpan.FromSeconds(20));
        Assert.True(candidate.Leadership?.IsHeld);
        Assert.Equal("a", _server.Holder);

        await stopping;
        Assert.Equal("", _server.Holder);
        await candidate.DisposeAsync();
    }

    [Fact]
    public async Task A_server_that_asks_for_ages_costs_the_lead_for_no_longer_than_a_Lease()
    {
        _server.Treat = _ => Treatment.Busy;
        await using var candidate = Candidate("a");
        await UntilAsync(() => !_server.Requests.IsEmpty, "it has asked");
        _server.Treat = _ => Treatment.Fair;

        await LeadsAsync(candidate);
        Assert.InRange(Time(), 0, 25);
    }

    [Theory]
    [InlineData(Treatment.Reset, true)]
    [InlineData(Treatment.Error, true)]
    [InlineData(Treatment.Reset, false)]
    [InlineData(Treatment.Error, false)]
    internal async Task A_failure_that_coincides_with_the_end_ends_it_no_other_way(Treatment treatment, bool isHolder)
    {
        for (var i = 0; i < 40; i++)
        {
            _server.Edit(isHolder ? null : Held("other", seconds: 1_000_000));
            using var stop = new CancellationTokenSource();
            using var connection = new TestConnection(_server.AddressOf("a"), _time);
            var elector = connection.Elector(new LeaderElectionOptions { Namespace = "n", Name = "l", Identity = "a" });
            var run = elector.RunAsync((_, token) => Task.Delay(Timeout.InfiniteTimeSpan, _time, token), stop.Token);
            await elector.Stood;
            _server.Treat = _ =>
            {
                // While the answer is on its way.
                stop.CancelAfter(0);
                return treatment;
            };

            await run;
            _server.Treat = _ => Treatment.Fair;
        }
    }

    [Fact]
    public async Task Work_that_fails_ends_the_run_and_releases_the_Lease()
    {
        using var connection = new TestConnection(_server.AddressOf("a"), _time);
        var elector = connection.Elector(new LeaderElectionOptions { Namespace = "n", Name = "l", Identity = "a" });

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(
            () => elector.RunAsync((_, _) => throw new InvalidOperationException("as planned"), CancellationToken));

        Assert.Equal("as planned", failure.Message);
        Assert.Equal("", _server.Holder);
    }

    [Fact]
    public async Task Among_five_whose_requests_fare_badly_at_most_one_leads_and_in_the_end_one_does()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Jitter(new Random(seed));
        var candidates = Enumerable.Range(1, 5).Select(i => Candidate($"c{i}")).ToList();
        var cutOff = "";
        _server.Treat = candidate => candidate == cutOff ? Treatment.Silence
            : random.Next(0, 2) == 0 ? Treatment.Fair
            : (Treatment)random.Next(0, (int)Treatment.LostAnswer + 1);
        for (var i = 0; i < 12; i++)
        {
            await PassAsync(TimeSpan.FromSeconds(random.Next(1, 12)));
            if (random.Next(0, 2) == 0)
            {
                cutOff = _server.Holder;
                await PassAsync(TimeSpan.FromSeconds(random.Next(5, 25)));
                cutOff = "";
            }

            var victim = candidates[random.Next(0, candidates.Count)];
            await victim.DisposeAsync();
            candidates.Remove(victim);
            candidates.Add(Candidate($"r{i}"));
        }

        _server.Treat = _ => Treatment.Fair;
        await UntilAsync(() => candidates.Any(candidate => candidate.Leadership?.IsHeld == true), "somebody leads");
        TestContext.Current.TestOutputHelper?.WriteLine($"{_beliefs.Terms.Count} terms, {_server.Requests.Count} requests");
        Assert.InRange(_beliefs.Terms.Count, 3, int.MaxValue);
        foreach (var candidate in candidates)
        {
            await candidate.DisposeAsync();
        }
    }

    private Candidate Candidate(string name, TimeSpan farewell = default) => new(_server, name, _time, _beliefs, farewell);

    private static JsonObject Held(string holder, int seconds) => new()
    {
        ["metadata"] = new JsonObject(),
        ["spec"] = new JsonObject { ["holderIdentity"] = holder, ["leaseDurationSeconds"] = seconds, ["renewTime"] = "x" },
    };

    private static Task LeadsAsync(Candidate candidate) => UntilAsync(() => candidate.Leadership?.IsHeld == true, "it leads");

    private double Time() => _time.GetElapsedTime(_begin).TotalSeconds;

    private Task PassAsync(TimeSpan time) => Task.Delay(time, _time, CancellationToken);

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20), $"Not within 20 s: {what}.");
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, CancellationToken);
        }
    }
}
