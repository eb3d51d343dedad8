using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Tests.Transport;

public sealed class FailureLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FailureLog _log;

    public FailureLogTests() => _log = new FailureLog(_time);

    [Fact]
    public void A_failure_is_told_at_once_and_then_ever_more_seldom_up_to_every_quarter_of_an_hour()
    {
        // Tried every second, it is told at these.
        Assert.Equal([0, 10, 30, 70, 150, 310, 630, 1270, 2170, 3070], Told(seconds: 3100, _ => "no answer"));
    }

    [Fact]
    public void Another_failure_is_told_sooner_but_one_that_differs_every_time_is_no_flood()
    {
        Assert.Equal([0, 4], Told(seconds: 10, second => second < 4 ? "no answer" : "refused"));
        Assert.True(_log.Clear("it"));
        Assert.Equal([0, 2, 4, 6, 8], Told(seconds: 10, second => $"try {second}"));
    }

    [Fact]
    public void The_end_of_a_failure_is_told_once_and_the_next_failure_at_once()
    {
        Assert.False(_log.Clear("it"));
        Assert.True(_log.IsDue("it", "no answer"));
        Assert.True(_log.Clear("it"));
        Assert.False(_log.Clear("it"));
        Assert.True(_log.IsDue("it", "no answer"));
    }

    [Fact]
    public void Failures_of_different_things_do_not_hide_each_other()
    {
        Assert.True(_log.IsDue("it", "no answer"));
        Assert.True(_log.IsDue("the other", "no answer"));
    }

    private List<int> Told(int seconds, Func<int, string> error)
    {
        var told = new List<int>();
        for (var second = 0; second < seconds; second++)
        {
            if (_log.IsDue("it", error(second)))
            {
                told.Add(second);
            }

            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return told;
    }
}
