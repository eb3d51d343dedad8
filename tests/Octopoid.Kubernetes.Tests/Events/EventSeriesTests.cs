using System.Globalization;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>What is written, and how often, by a recorder whose server takes all.</summary>
public sealed class EventSeriesTests : IAsyncLifetime
{
    private EventServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await EventServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_is_said_once_is_one_Event()
    {
        _server.Recorder.Publish(EventServer.Object(), EventType.Warning, "JobFailed", "RunJob", "It has failed.");

        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        var request = _server.Created.Single();
        Assert.Equal("/apis/events.k8s.io/v1/namespaces/n/events", request.Path);
        Assert.Matches(@"\Ajob-1\.[0-9a-f]{16}\z", request.Name);
        var body = request.Body.AsObject();
        body.Remove("metadata");
        Assert.Equal(
            """
            {"apiVersion":"events.k8s.io/v1","kind":"Event","eventTime":"2026-07-14T09:30:00.000000Z","reportingController":"octopoid.dev/operator","reportingInstance":"pod-1","type":"Warning","reason":"JobFailed","action":"RunJob","note":"It has failed.","regarding":{"apiVersion":"batch/v1","kind":"Job","namespace":"n","name":"job-1","uid":"u1","resourceVersion":"7"}}
            """,
            body.ToJsonString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Of_a_cluster_scoped_object_it_is_in_the_default_namespace(string? none)
    {
        _server.Recorder.Publish(new("v1", "Node", none, "node-1", "u1"), EventType.Normal, "A", "B", "c");

        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        Assert.Equal("/apis/events.k8s.io/v1/namespaces/default/events", _server.Created.Single().Path);
    }

    [Fact]
    public async Task Where_the_default_namespace_is_refused_for_it_the_servers_old_one_is_taken_from_then_on()
    {
        _server.Answer = request => request.Path.Contains("/default/", StringComparison.Ordinal) ? 422 : 201;
        _server.Recorder.Publish(new("v1", "Node", null, "node-1", "u1"), EventType.Normal, "A", "B", "c");
        _server.Recorder.Publish(new("v1", "Node", null, "node-2", "u2"), EventType.Normal, "A", "B", "c");

        await _server.UntilAsync(() => _server.Results["sent"] == 2);
        Assert.Equal([422, 201, 201], _server.Requests.Select(request => request.Code));
    }

    [Fact]
    public async Task The_first_repetition_is_written_at_once()
    {
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        _server.Time.Advance(TimeSpan.FromSeconds(1.5));
        _server.Recorder.Publish(
            EventServer.Object("job-1", "job-1") with { ResourceVersion = "8" }, EventType.Normal, "Done", "Finish", "It is done.");

        await _server.UntilAsync(() => _server.Results["series"] == 1);
        var patch = _server.Patched.Single();
        Assert.Equal($"/apis/events.k8s.io/v1/namespaces/n/events/{_server.Created.Single().Name}", patch.Path);
        Assert.Equal("application/merge-patch+json", patch.ContentType);
        Assert.Equal("""{"series":{"count":2,"lastObservedTime":"2026-07-14T09:30:01.500000Z"}}""", patch.Body.ToJsonString());
    }

    [Fact]
    public async Task Whatever_differs_makes_another_Event()
    {
        var job = EventServer.Object();
        _server.Recorder.Publish(job, EventType.Normal, "A", "B", "c");
        _server.Recorder.Publish(job with { Uid = "u2" }, EventType.Normal, "A", "B", "c");
        _server.Recorder.Publish(job, EventType.Warning, "A", "B", "c");
        _server.Recorder.Publish(job, EventType.Normal, "A2", "B", "c");
        _server.Recorder.Publish(job, EventType.Normal, "A", "B2", "c");
        _server.Recorder.Publish(job, EventType.Normal, "A", "B", "c2");

        await _server.UntilAsync(() => _server.Results["sent"] == 6);
        Assert.Equal(6, _server.Created.Select(request => request.Name).Distinct().Count());
        Assert.Empty(_server.Patched);
    }

    [Fact]
    public async Task The_longer_it_repeats_the_rarer_it_is_written_and_no_count_is_lost()
    {
        for (var second = 0; second < 1800; second++)
        {
            _server.Say();
            _server.Time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(second % 10 == 0 ? 5 : 0), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        await _server.UntilAsync(() => _server.Patched.LastOrDefault()?.Count == 1800, TimeSpan.FromSeconds(5));
        Assert.Single(_server.Created);
        var pauses = _server.Patched.Zip(_server.Patched.Skip(1), (a, b) => (b.At - a.At).TotalSeconds).ToList();
        double[] atLeast = [10, 20, 40, 80, 160];
        Assert.All(pauses, (pause, i) => Assert.True(pause >= (i < atLeast.Length ? atLeast[i] : 300), string.Join(' ', pauses)));
        Assert.Equal(0, _server.Results["limited"]);
    }

    [Fact]
    public async Task Said_again_after_six_minutes_it_is_a_new_Event()
    {
        _server.Say();
        await _server.UntilAsync(() => _server.Results["sent"] == 1);
        await _server.AdvanceAsync(TimeSpan.FromSeconds(359));
        _server.Say();
        await _server.UntilAsync(() => _server.Results["series"] == 1);
        await _server.AdvanceAsync(TimeSpan.FromSeconds(360));
        _server.Say();

        await _server.UntilAsync(() => _server.Results["sent"] == 2);
        Assert.Equal(1, _server.Results["series"]);
    }

    [Fact]
    public async Task What_is_said_again_while_the_first_is_on_its_way_is_counted()
    {
        // A hundred threads: some say it before the sender has taken it, some while it is under way, some after.
        await Parallel.ForAsync(0, 100, (_, _) =>
        {
            _server.Say();
            return ValueTask.CompletedTask;
        });

        await _server.UntilAsync(() => _server.Requests is [.., { Count: 100 }], TimeSpan.FromSeconds(1));
        Assert.Single(_server.Created);
    }

    [Fact]
    public async Task An_object_has_25_writes_at_once_and_one_more_each_five_minutes()
    {
        for (var i = 0; i < 100; i++)
        {
            _server.Say($"note {i}");
        }

        _server.Say("of another object", "job-2");
        await _server.UntilAsync(() => _server.Results["sent"] == 26);
        Assert.Equal(75, _server.Results["limited"]);
        await _server.AdvanceAsync(TimeSpan.FromMinutes(5));
        _server.Say("later");
        _server.Say("too soon");

        await _server.UntilAsync(() => _server.Results["sent"] == 27);
        await EventServer.SettleAsync();
        Assert.Equal((27, 76), (_server.Results["sent"], _server.Results["limited"]));
    }

    [Fact]
    public async Task A_limited_repetition_is_in_the_count_once_there_may_be_a_write_again()
    {
        for (var i = 0; i < 25; i++)
        {
            _server.Say(i.ToString(CultureInfo.InvariantCulture));
        }

        await _server.UntilAsync(() => _server.Results["sent"] == 25);
        _server.Say("3");
        _server.Say("3");
        await _server.UntilAsync(() => _server.Results["limited"] == 1);
        Assert.Empty(_server.Patched);

        await _server.UntilAsync(() => _server.Results["series"] == 1, TimeSpan.FromSeconds(10));
        Assert.Equal(3, _server.Patched.Single().Count);
    }

    [Fact]
    public async Task The_version_of_the_object_makes_no_difference_to_its_limit()
    {
        for (var i = 0; i < 30; i++)
        {
            _server.Recorder.Publish(EventServer.Object() with { ResourceVersion = $"{i}" }, EventType.Normal, "A", "B", $"{i}");
        }

        await _server.UntilAsync(() => _server.Results["sent"] == 25);
        Assert.Equal(5, _server.Results["limited"]);
    }
}
