using System.Diagnostics;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>The recorder against a server that refuses, fails, or says nothing.</summary>
public sealed class EventFailureTests : IAsyncLifetime
{
    private EventServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EventServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_server_error_is_tried_again_under_the_same_name()
    {
        var fails = 3;
        _server.Answer = _ => fails-- > 0 ? 500 : 201;
        _server.Say();

        await _server.UntilAsync(() => _server.Results["sent"] == 1, TimeSpan.FromSeconds(1));
        Assert.Equal(4, _server.Requests.Count);
        Assert.Single(_server.Requests.Select(request => request.Name).Distinct());
        Assert.Equal(0, _server.Results["failed"]);
    }

    [Fact]
    public async Task One_whose_answer_was_lost_is_sent()
    {
        var tries = 0;
        _server.Answer = _ => ++tries == 1 ? 504 : 409;
        _server.Say();

        await _server.UntilAsync(() => _server.Results["sent"] == 1, TimeSpan.FromSeconds(1));
        Assert.Equal(0, _server.Results["failed"]);
    }

    [Fact]
    public async Task After_a_few_tries_it_is_given_up_and_the_next_is_sent()
    {
        _server.Answer = request => request.Note == "bad" ? 500 : 201;
        _server.Say("bad");
        _server.Say("good");

        await _server.UntilAsync(() => _server.Results["sent"] == 1, TimeSpan.FromSeconds(1));
        Assert.Equal(1, _server.Results["failed"]);
        Assert.Equal(["bad", "bad", "bad", "bad", "good"], _server.Requests.Select(request => request.Note));
    }

    [Fact]
    public async Task The_server_is_left_alone_for_as_long_as_it_asks()
    {
        (_server.Answer, _server.RetryAfter) = (_ => 429, "60");
        var start = _server.Time.GetUtcNow();
        _server.Say();
        await _server.UntilAsync(() => _server.Requests.Count == 1);
        (_server.Answer, _server.RetryAfter) = (_ => 201, null);
        await _server.AdvanceAsync(TimeSpan.FromSeconds(59));
        Assert.Single(_server.Requests);

        await _server.UntilAsync(() => _server.Results["sent"] == 1, TimeSpan.FromSeconds(0.5));
        Assert.InRange(_server.Requests[1].At - start, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(70));
    }

    [Theory]
    [InlineData("99999999")]
    [InlineData("-5")]
    [InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    public async Task A_mad_wish_to_be_left_alone_ends_nothing(string retryAfter)
    {
        (_server.Answer, _server.RetryAfter) = (_ => 429, retryAfter);
        _server.Say();
        await _server.UntilAsync(() => _server.Requests.Count == 1);
        (_server.Answer, _server.RetryAfter) = (_ => 201, null);

        await _server.UntilAsync(() => _server.Results["sent"] == 1, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(422)]
    public async Task A_refusal_is_not_tried_again_but_the_next_time_it_is_said(int code)
    {
        _server.Answer = _ => code;
        _server.Say();
        await _server.UntilAsync(() => _server.Results["failed"] == 1);
        Assert.Single(_server.Requests);

        _server.Answer = _ => 201;
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        Assert.Null(_server.Created.Single().Count);
    }

    [Fact]
    public async Task A_repetition_of_an_Event_that_is_gone_makes_a_new_one_with_its_count()
    {
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        _server.Answer = request => request.Method == "PATCH" ? 404 : 201;
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 2);

        Assert.Equal([null, 2], _server.Created.Select(request => request.Count));
        Assert.Equal(2, _server.Created.Select(request => request.Name).Distinct().Count());

        _server.Answer = _ => 200;
        _server.Say();
        await _server.UntilAsync(() => _server.Results["series"] == 1, TimeSpan.FromSeconds(1));
        Assert.EndsWith(_server.Created.Last().Name!, _server.Patched.Single().Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_count_that_cannot_be_written_is_written_later()
    {
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        _server.Answer = _ => 503;
        _server.Say();
        await _server.UntilAsync(() => _server.Results["failed"] == 1, TimeSpan.FromSeconds(1));
        _server.Answer = _ => 200;

        await _server.UntilAsync(() => _server.Results["series"] == 1, TimeSpan.FromSeconds(1));
        Assert.Equal(2, _server.Patched.Single().Count);
    }

    [Fact]
    public async Task A_refused_count_makes_no_new_Events()
    {
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        _server.Answer = request => request.Method == "PATCH" ? 403 : 201;
        for (var i = 0; i < 20; i++)
        {
            _server.Say();
            await _server.AdvanceAsync(TimeSpan.FromSeconds(15));
        }

        Assert.Single(_server.Created);
        Assert.InRange(_server.Results["failed"], 2, 6);
    }

    [Fact]
    public async Task However_many_are_refused_the_log_has_few_lines_and_none_that_quotes_a_note()
    {
        _server.Message = "invalid: s3cret";
        var codes = new Queue<int>(Enumerable.Range(0, 1000).Select(i => i % 3 == 0 ? 403 : i % 3 == 1 ? 422 : 201));
        _server.Answer = _ => codes.Dequeue();
        for (var i = 0; i < 900; i++)
        {
            _server.Say("s3cret", $"job-{i}");
            _server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await _server.UntilAsync(() => _server.Results["sent"] + _server.Results["failed"] == 900);
        Assert.Equal(600, _server.Results["failed"]);
        Assert.InRange(_server.Log.Lines.Count, 2, 14);
        Assert.All(_server.Log.Lines, line => Assert.DoesNotContain("s3cret", line, StringComparison.Ordinal));
        Assert.Contains(_server.Log.Lines, line => line.StartsWith(
            "Warning 1301 Cannot write Events (1 given up so far): grant create and patch of events.events.k8s.io", StringComparison.Ordinal));
    }

    [Fact]
    public async Task While_the_server_says_nothing_publishing_returns_at_once_and_the_latest_thousand_wait()
    {
        _server.Answer = _ => 0;
        _server.Say("stalled", "stalled");
        await _server.UntilAsync(() => _server.Requests.Count == 1);
        _server.Answer = request => request.Note == "stalled" ? 403 : 201;

        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < 5000; i++)
        {
            _server.Say($"{i}", $"job-{i}");
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));
        Assert.Equal(4000, _server.Results["dropped"]);
        await _server.UntilAsync(() => _server.Results["failed"] == 1, EventServer.RequestTimeout);
        await _server.UntilAsync(() => _server.Results["sent"] == 1000);
        Assert.Equal(Enumerable.Range(4000, 1000).Select(i => $"{i}"), _server.Created.Select(request => request.Note));
        Assert.Contains(_server.Log.Lines, line => line.Contains("4000 dropped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_that_is_published_throws()
    {
        var half = new string('\ud83d', 2000);
        _server.Recorder.Publish(null!, EventType.Normal, "A", "B", "c");
        _server.Recorder.Publish(new(null!, null!, null, null!, null!), EventType.Normal, null!, null!, null!);
        _server.Recorder.Publish(new(half, half, "n", half, half, half), (EventType)7, half, half, half);
        _server.Recorder.Publish(new("v1", "Role", "..", "system:Admin_/..", ""), EventType.Normal, "", "", new string('x', 10_000_000));
        _server.Say();

        await _server.UntilAsync(() => _server.Created.LastOrDefault()?.Note == "It is done.");
        Assert.Equal(1, _server.Results["failed"]);
        Assert.Equal("Unknown", (string?)_server.Created.First().Body["reason"]);
    }
}
