using CsCheck;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.PullRequests;

public sealed class PullRequestPollsTests
{
    private static readonly NamespacedName Code = new(Given.Namespace, "code");
    private static readonly TimeSpan Minute = TimeSpan.FromSeconds(60);

    private readonly PullRequestPolls _polls = new();
    private DateTimeOffset _now = Given.Noon;

    public PullRequestPollsTests() => _polls.Add(Code, true, _now);

    [Fact]
    public void A_new_repository_is_counted_at_once_and_then_from_begin_to_begin()
    {
        Assert.Equal([Code], _polls.Take(_now));
        Assert.Empty(_polls.Take(_now));
        Assert.Null(_polls.Next);

        Pass(20);
        _polls.End(Code, Minute, null, _now);
        Assert.Equal(_now.AddSeconds(40), _polls.Next);
        Pass(40);
        Assert.Equal([Code], _polls.Take(_now));
    }

    [Fact]
    public void A_forge_that_is_slower_than_the_interval_is_asked_again_at_once()
    {
        _polls.Take(_now);
        Pass(90);
        _polls.End(Code, Minute, null, _now);
        Assert.Equal([Code], _polls.Take(_now));
    }

    [Fact]
    public void Ends_of_attempts_wake_it_but_every_five_seconds_at_most()
    {
        _polls.Take(_now);
        _polls.End(Code, Minute, null, _now);

        Pass(1);
        _polls.Wake(Code, _now);
        _polls.Wake(Code, _now);
        Assert.Empty(_polls.Take(_now));
        Assert.Equal(_now.AddSeconds(4), _polls.Next);

        Pass(4);
        Assert.Equal([Code], _polls.Take(_now));
    }

    [Fact]
    public void An_interval_that_is_shorter_is_kept_all_the_same()
    {
        _polls.Take(_now);
        _polls.End(Code, TimeSpan.FromSeconds(1), null, _now);
        Assert.Equal(_now.AddSeconds(1), _polls.Next);
    }

    [Fact]
    public void An_end_while_a_count_is_under_way_has_another_follow()
    {
        _polls.Take(_now);
        Pass(2);
        _polls.Wake(Code, _now);
        Assert.Empty(_polls.Take(_now));
        _polls.End(Code, Minute, null, _now);

        Assert.Equal(_now.AddSeconds(3), _polls.Next);
    }

    [Fact]
    public void What_the_quota_asks_for_is_kept_whoever_wakes()
    {
        _polls.Take(_now);
        _polls.End(Code, Minute, TimeSpan.FromSeconds(200), _now);
        _polls.Wake(Code, _now);

        Assert.Equal(_now.AddSeconds(200), _polls.Next);
    }

    [Fact]
    public void A_count_that_comes_too_soon_after_an_end_to_be_of_it_is_followed_by_another()
    {
        _polls.Take(_now);
        _polls.End(Code, Minute, null, _now);
        Pass(59);
        _polls.Wake(Code, _now);
        Pass(1);
        Assert.Equal([Code], _polls.Take(_now));
        _polls.End(Code, Minute, null, _now);

        Assert.Equal(_now.AddSeconds(5), _polls.Next);
    }

    [Fact]
    public void What_the_forge_tells_is_counted_at_once_and_once_more_when_its_lists_must_have_it()
    {
        _polls.Take(_now);
        _polls.End(Code, Minute, null, _now);
        Pass(1);
        _polls.Tell(Code, _now);
        Assert.Equal([Code], _polls.Take(_now));
        _polls.End(Code, Minute, null, _now);
        Assert.Equal(_now.AddSeconds(5), _polls.Next);

        Pass(5);
        Assert.Equal([Code], _polls.Take(_now));
        _polls.End(Code, Minute, null, _now);
        Assert.Equal(_now.AddSeconds(60), _polls.Next);
    }

    [Fact]
    public void What_the_forge_tells_while_a_count_is_under_way_is_counted_right_after()
    {
        _polls.Take(_now);
        Pass(1);
        _polls.Tell(Code, _now);
        Assert.Empty(_polls.Take(_now));
        _polls.End(Code, Minute, null, _now);

        Assert.Equal([Code], _polls.Take(_now));
    }

    [Fact]
    public void What_the_forge_tells_takes_nothing_from_an_end_that_waits()
    {
        _polls.Take(_now);
        _polls.End(Code, Minute, null, _now);
        Pass(10);
        _polls.Wake(Code, _now);
        _polls.Tell(Code, _now);
        Assert.Equal([Code], _polls.Take(_now));
        _polls.Tell(Code, _now);
        _polls.End(Code, Minute, null, _now);
        Assert.Equal([Code], _polls.Take(_now));
        _polls.End(Code, Minute, null, _now);

        Assert.Equal(_now.AddSeconds(5), _polls.Next);
    }

    [Fact]
    public void What_the_forge_tells_waits_for_what_its_quota_and_its_failures_ask_for()
    {
        _polls.Take(_now);
        _polls.End(Code, Minute, TimeSpan.FromSeconds(40), _now);
        _polls.Tell(Code, _now);
        Assert.Equal(_now.AddSeconds(40), _polls.Next);

        Pass(40);
        _polls.Take(_now);
        _polls.Fail(Code, TimeSpan.FromSeconds(90), _now);
        _polls.Tell(Code, _now);
        Assert.Equal(_now.AddSeconds(90), _polls.Next);
    }

    [Fact]
    public void Failures_are_followed_by_longer_and_longer_pauses_up_to_a_minute()
    {
        foreach (var pause in new[] { 5, 10, 20, 40, 60, 60 })
        {
            Assert.Equal([Code], _polls.Take(_now));
            _polls.Fail(Code, null, _now);
            Assert.Equal(_now.AddSeconds(pause), _polls.Next);
            Pass(pause);
        }

        _polls.Take(_now);
        _polls.End(Code, Minute, null, _now);
        Pass(60);
        _polls.Take(_now);
        _polls.Fail(Code, null, _now);
        Assert.Equal(_now.AddSeconds(5), _polls.Next);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(1800, 1800)]
    [InlineData(86_400, 3900)]
    public void A_forge_that_wants_to_be_left_alone_is_but_never_for_a_day(int asked, int pause)
    {
        _polls.Take(_now);
        _polls.Fail(Code, TimeSpan.FromSeconds(asked), _now);
        _polls.Wake(Code, _now);

        Assert.Equal(_now.AddSeconds(pause), _polls.Next);
    }

    [Fact]
    public void An_edit_is_tried_at_once_and_what_is_gone_is_not()
    {
        _polls.Take(_now);
        _polls.Fail(Code, TimeSpan.FromHours(1), _now);
        _polls.Add(Code, false, _now);
        Assert.Equal([Code], _polls.Take(_now));

        // Something else is to be counted now: the answer under way is of no use.
        _polls.Add(Code, true, _now);
        Assert.Equal([Code], _polls.Take(_now));
        _polls.Remove(Code);
        _polls.End(Code, Minute, null, _now);
        Pass(100);
        Assert.Empty(_polls.Take(_now));
        Assert.Null(_polls.Next);
    }

    [Fact]
    public void A_clock_that_is_set_back_prolongs_no_pause()
    {
        _polls.Take(_now);
        _polls.End(Code, Minute, null, _now);
        Pass(-3600);
        _polls.SetBack(TimeSpan.FromHours(-1));
        Pass(60);

        Assert.Equal([Code], _polls.Take(_now));
    }

    /// <summary>Whatever comes in whatever order: nothing is counted twice at a time, or against the forge's wish; what was told is counted as soon as it may
    /// be, and what was told or has ended is covered by a count that began two seconds after, five after the last one at the latest.</summary>
    [Fact]
    public void Nothing_that_was_told_or_has_ended_waits_for_longer_than_it_must() => Gen.Select(Gen.Int[0, 5], Gen.Int[0, 80]).Array[1, 60].Sample(
        steps =>
        {
            var (polls, now, interval) = (new PullRequestPolls(), Given.Noon, Minute);
            polls.Add(Code, true, now);
            var (allowed, begun, isUnderWay) = (now, DateTimeOffset.MinValue, false);
            DateTimeOffset? told = null, unsettled = null;
            foreach (var (kind, tenths) in steps)
            {
                switch (kind)
                {
                    case 0: polls.Tell(Code, now); (told, unsettled) = (now, now); break;
                    case 1: polls.Wake(Code, now); unsettled = now; break;
                    case 2 when isUnderWay: polls.Fail(Code, TimeSpan.FromSeconds(tenths), now); (isUnderWay, told, unsettled, allowed) = (false, null, null, polls.Next!.Value); break;
                    case 3 when isUnderWay: polls.End(Code, interval, tenths % 2 == 0 ? null : TimeSpan.FromSeconds(tenths), now); (isUnderWay, allowed) = (false, tenths % 2 == 0 ? now : now.AddSeconds(tenths)); break;
                    default:
                        for (var until = now.AddSeconds(tenths / 10.0); now < until;)
                        {
                            now = polls.Next is { } next && next < until ? Later(now, next) : until;
                            if (polls.Take(now).Count > 0)
                            {
                                Assert.False(isUnderWay);
                                Assert.True(now >= allowed);
                                Assert.True(told is not null || now - begun >= TimeSpan.FromSeconds(5));
                                (isUnderWay, begun, told, unsettled) = (true, now, null, now >= unsettled?.AddSeconds(2) ? null : unsettled);
                            }
                        }

                        break;
                }

                if (!isUnderWay)
                {
                    Assert.True(polls.Next <= begun.Add(interval) || polls.Next <= Later(now, allowed) || begun == DateTimeOffset.MinValue);
                    Assert.True(told is null || polls.Next <= Later(now, allowed));
                    Assert.True(unsettled is not { } since || polls.Next <= Later(Later(since.AddSeconds(2), begun.AddSeconds(5)), Later(now, allowed)));
                }
            }
        },
        iter: 20_000);

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private void Pass(int seconds) => _now += TimeSpan.FromSeconds(seconds);
}
