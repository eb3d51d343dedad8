using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>What the ledger keeps, and for how long.</summary>
public sealed class EventLedgerTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestConnection _connection;
    private readonly EventResults _results;
    private readonly EventLedger _ledger;

    public EventLedgerTests()
    {
        _connection = new TestConnection("http://127.0.0.1:1", _time);
        _results = new EventResults(_connection.Meters);
        _ledger = new EventLedger(_time, new EventCounts(_connection.Meters));
    }

    public void Dispose()
    {
        _results.Dispose();
        _connection.Dispose();
    }

    [Fact]
    public void No_more_than_a_bound_is_known_whatever_is_said()
    {
        for (var i = 0; i < 20_000; i++)
        {
            Say(i);
            _ledger.Succeed(Take()!);
        }

        Assert.Equal(EventLedger.MostKnown, _ledger.Known);
    }

    [Fact]
    public void What_is_said_least_recently_is_forgotten_first_and_its_unwritten_count_is_dropped()
    {
        Say(0);
        _ledger.Succeed(Take()!);
        Say(0);
        _ledger.Succeed(Take()!);
        Say(0);
        for (var i = 1; i <= EventLedger.MostKnown; i++)
        {
            Say(i);
            _ledger.Succeed(Take()!);
        }

        Assert.Equal(1, _results["dropped"]);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Null(Take());
    }

    [Fact]
    public void What_has_ended_is_forgotten_even_if_nothing_is_ever_said_again()
    {
        Say(1);
        _ledger.Succeed(Take()!);
        Assert.Null(_ledger.Take(isEnding: false, out _, out var wait));

        _time.Advance(wait);
        Take();

        Assert.Equal((0, TimeSpan.FromMinutes(6)), (_ledger.Known, wait));
    }

    [Fact]
    public void With_nothing_known_there_is_nothing_to_wait_for()
    {
        Say(1);
        _ledger.Succeed(Take()!);
        _time.Advance(TimeSpan.FromHours(3));
        Take();

        Assert.Null(_ledger.Take(isEnding: false, out var more, out var wait));
        Assert.Equal(Timeout.InfiniteTimeSpan, wait);
        Assert.False(more.IsCompleted);
        Say(2);
        Assert.True(more.IsCompleted);
    }

    [Fact]
    public void What_an_outage_kept_from_being_written_goes_on_after_it()
    {
        Say(1);
        _ledger.Succeed(Take()!);
        Say(1);
        var write = Take()!;
        _time.Advance(TimeSpan.FromMinutes(20));
        Say(1);
        _ledger.Fail(write, isNew: false, isFinal: false);
        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal((false, 3), (Take() is { } next) ? (next.IsNew, next.Count) : default);
    }

    [Fact]
    public void What_nobody_says_any_more_is_not_tried_for_ever()
    {
        Say(1);
        _ledger.Succeed(Take()!);
        Say(1);
        var writes = 0;
        while (_time.GetUtcNow() < new DateTimeOffset(2000, 1, 1, 6, 0, 0, TimeSpan.Zero))
        {
            if (Take() is { } write)
            {
                writes++;
                _ledger.Fail(write, isNew: false, isFinal: false);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(writes, 5, 8);
        Assert.Equal(0, _ledger.Known);
    }

    private void Say(int number)
    {
        var name = number.ToString(CultureInfo.InvariantCulture);
        _ledger.Add(EventContent.Of(new("v1", "Pod", "n", name, name), EventType.Normal, "A", "B", "c"), null);
    }

    private EventWrite? Take() => _ledger.Take(isEnding: false, out _, out _);
}
