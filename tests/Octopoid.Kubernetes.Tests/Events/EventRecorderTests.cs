using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Events;
using Octopoid.Kubernetes.Transport;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>The recorder on a real API server, which is the judge of what an Event is.</summary>
public sealed class EventRecorderTests(ControlPlaneFixture fixture) : IClassFixture<ControlPlaneFixture>, IAsyncLifetime
{
    private readonly ControlPlane _server = fixture.ControlPlane;
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly TestLog<EventRecorder> _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly string _name = $"map-{Guid.NewGuid():N}";
    private TestConnection _connection = null!;
    private EventResults _results = null!;
    private EventRecorder _recorder = null!;
    private ObjectReference _map = null!;
    private Task _run = Task.CompletedTask;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var made = await _server.SendAsync(
            HttpMethod.Post,
            "/api/v1/namespaces/default/configmaps",
            $$"""{"metadata":{"name":"{{_name}}"} }""",
            "application/json",
            CancellationToken);
        _map = new("v1", "ConfigMap", "default", _name, (string)made.EnsureSuccess().Json["metadata"]!["uid"]!);
        _connection = new TestConnection(ApiServerConfiguration.Kubeconfig(_server.KubeconfigPath), _time);
        _results = new EventResults(_connection.Meters);
        _recorder = Recorder();
        _run = _recorder.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _results.Dispose();
        _connection.Dispose();
        _stop.Dispose();
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Kubectl_shows_what_is_said()
    {
        _recorder.Publish(_map, EventType.Warning, "TooBig", "Measure", "It is too big by half.");
        await UntilAsync(() => _results["sent"] == 1);

        var (_, described) = await _server.KubectlAsync(null, CancellationToken, "describe", "configmap", _name);
        Assert.Matches(@"Warning\s+TooBig\s.*octopoid\.dev/operator.*It is too big by half\.", described);
        var (_, listed) = await _server.KubectlAsync(
            null, CancellationToken, "get", "events", "--field-selector", $"involvedObject.uid={_map.Uid}");
        Assert.Matches($@"Warning\s+TooBig\s+configmap/{_name}\s+It is too big by half\.", listed);
    }

    [Fact]
    public async Task A_repetition_shows_as_a_series_of_the_one_Event()
    {
        for (var i = 0; i < 7; i++)
        {
            _recorder.Publish(_map, EventType.Normal, "Again", "Repeat", "Once more.");
            await UntilAsync(() => _results["sent"] + _results["series"] > (i == 0 ? 0 : 1));
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        await UntilAsync(() => _results["series"] == 2);

        var made = Assert.Single(await EventsAsync());
        Assert.Equal(7, (int)made["series"]!["count"]!);
    }

    [Fact]
    public async Task A_series_that_is_complete_before_the_first_write_is_taken_in_one()
    {
        await _stop.CancelAsync();
        await _run;
        var recorder = Recorder();
        recorder.Publish(_map, EventType.Normal, "Again", "Repeat", "Once more.");
        recorder.Publish(_map, EventType.Normal, "Again", "Repeat", "Once more.");
        await recorder.RunAsync(_stop.Token);

        Assert.Equal(2, (int)Assert.Single(await EventsAsync())["series"]!["count"]!);
        Assert.Equal((1, 0), (_results["sent"], _results["series"]));
    }

    [Fact]
    public async Task An_Event_that_was_deleted_is_made_anew()
    {
        _recorder.Publish(_map, EventType.Normal, "A", "B", "c");
        await UntilAsync(() => _results["sent"] == 1);
        await _server.KubectlAsync(null, CancellationToken, "delete", "events", "--field-selector", $"involvedObject.uid={_map.Uid}");
        Assert.Empty(await EventsAsync());
        _recorder.Publish(_map, EventType.Normal, "A", "B", "c");

        await UntilAsync(() => _results["sent"] == 2);
        Assert.Equal(2, (int)Assert.Single(await EventsAsync())["series"]!["count"]!);
    }

    [Theory]
    [InlineData("ä")]
    [InlineData("漢")]
    [InlineData("🐙")]
    public async Task Texts_of_any_length_are_taken(string character)
    {
        var text = string.Concat(Enumerable.Repeat(character, 3000 / Encoding.UTF8.GetByteCount(character)));
        _recorder.Publish(_map, EventType.Normal, text, text, text);

        await UntilAsync(() => _results["sent"] == 1);
        var made = Assert.Single(await EventsAsync());
        Assert.EndsWith(character + "…", (string)made["note"]!, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount((string)made["note"]!), 1019, 1024);
    }

    [Fact]
    public async Task A_whole_second_is_taken()
    {
        var now = _time.GetUtcNow();
        _time.SetUtcNow(new DateTimeOffset(now.Year + 1, 1, 1, 0, 0, 0, TimeSpan.Zero));
        _recorder.Publish(_map, EventType.Normal, "A", "B", "c");
        await UntilAsync(() => _results["sent"] == 1);
        _recorder.Publish(_map, EventType.Normal, "A", "B", "c");
        await UntilAsync(() => _results["series"] == 1);

        var made = Assert.Single(await EventsAsync());
        Assert.EndsWith("-01-01T00:00:00.000000Z", (string)made["eventTime"]!, StringComparison.Ordinal);
        Assert.EndsWith("-01-01T00:00:00.000000Z", (string)made["series"]!["lastObservedTime"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_different_ones_of_one_object_are_25_Events()
    {
        for (var i = 0; i < 100; i++)
        {
            _recorder.Publish(_map, EventType.Normal, "A", "B", $"note {i}");
        }

        await UntilAsync(() => _results["sent"] == 25);
        Assert.Equal((25, 75), ((await EventsAsync()).Count, _results["limited"]));
    }

    [Fact]
    public async Task Of_a_cluster_scoped_object_with_a_strange_name_it_is_taken_too_and_repeated()
    {
        var role = _map with { ApiVersion = "rbac.authorization.k8s.io/v1", Kind = "ClusterRole", Namespace = null, Name = "system:_Node." };
        _recorder.Publish(role, EventType.Normal, "", "", "");
        await UntilAsync(() => _results["sent"] == 1);
        _recorder.Publish(role, EventType.Normal, "", "", "");

        await UntilAsync(() => _results["series"] == 1);
        Assert.StartsWith("system--node.", (string)Assert.Single(await EventsAsync())["metadata"]!["name"]!, StringComparison.Ordinal);
    }

    private EventRecorder Recorder() => new(
        _connection.Transport(TimeSpan.FromDays(1)),
        "octopoid.dev/operator",
        new string('p', 200),
        _time,
        _connection.Jitter,
        _connection.Failures,
        _connection.Meters,
        _log);

    private async Task<List<JsonNode>> EventsAsync()
    {
        var list = await _server.GetAsync("/apis/events.k8s.io/v1/events", CancellationToken);
        return [.. list.EnsureSuccess().Json["items"]!.AsArray().OfType<JsonNode>().Where(item => (string?)item["regarding"]!["uid"] == _map.Uid)];
    }

    private Task UntilAsync(Func<bool> condition) => _server.WaitUntilAsync(
        () =>
        {
            Assert.Empty(_log.Lines);
            return Task.FromResult(condition());
        },
        "not written",
        CancellationToken);
}
