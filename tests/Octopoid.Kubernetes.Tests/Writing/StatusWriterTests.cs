using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Writing;

namespace Octopoid.Kubernetes.Tests.Writing;

public sealed class StatusWriterTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly TestLog<StatusWriter> _log = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<Thing> _observed = new();
    private readonly TaskCompletionSource _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Action<Thing> _observe;
    private int _code = 200;
    private string? _retryAfter;
    private TestServer _server = null!;
    private TestConnection _connection = null!;
    private StatusWriter _writer = null!;

    public StatusWriterTests() => _observe = _observed.Enqueue;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(AnswerAsync, CancellationToken);
        _connection = new TestConnection(_server.Url, _time);
        _writer = new StatusWriter(_connection.Transport(TimeSpan.FromDays(1)), _time, _connection.Failures, _log);
    }

    public async ValueTask DisposeAsync()
    {
        _answer.TrySetResult();
        _connection.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public void A_status_that_is_as_it_should_be_is_not_written()
    {
        Assert.True(Write("a", before: """{"x":{"y":[1]}}""", after: """{"x":{"y":[1]}}"""));
        Assert.Empty(_requests);
    }

    [Fact]
    public async Task What_differs_is_written_for_the_version_compared_and_the_answer_observed()
    {
        Assert.False(Write("a", before: """{"x":1,"y":2,"z":3}""", after: """{"x":1,"y":4}"""));

        await UntilAsync(() => _observed.Count == 1);
        Assert.Equal(
            """PATCH /apis/test.dev/v1/namespaces/n/things/a/status {"metadata":{"resourceVersion":"7"},"status":{"y":4,"z":null}}""",
            Assert.Single(_requests));
        Assert.Equal("8", _observed.Single().Metadata!.ResourceVersion);
    }

    [Fact]
    public async Task One_write_of_an_object_is_under_way_at_a_time_and_holds_up_no_other()
    {
        _code = 0;
        Write("a");
        await UntilAsync(() => _requests.Count == 1);
        _code = 200;
        Assert.False(Write("a"));
        Write("b");
        await UntilAsync(() => _observed.Count == 1);
        Assert.Equal(2, _requests.Count);

        _answer.SetResult();
        await UntilAsync(() => _observed.Count == 2);
        await UntilAsync(() => Write("a") || _requests.Count >= 3);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(409)]
    public async Task One_that_has_changed_or_is_gone_is_left_to_the_next_comparison(int code)
    {
        _code = code;
        Write("a");

        await UntilAsync(() => Write("a") || _requests.Count >= 2);
        Assert.Empty(_log.Lines);
    }

    [Theory]
    [InlineData(500, null, 10)]
    [InlineData(403, null, 10)]
    [InlineData(429, "1", 10)]
    [InlineData(429, "60", 60)]
    [InlineData(429, "99999999", 300)]
    public async Task After_a_failure_the_object_waits(int code, string? retryAfter, int seconds)
    {
        (_code, _retryAfter) = (code, retryAfter);
        Write("a");
        await UntilAsync(() => _log.Lines.Count == 1);
        await PassAsync(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
        Assert.False(Write("a"));
        await PassAsync(TimeSpan.Zero);
        Assert.Single(_requests);

        await PassAsync(TimeSpan.FromMilliseconds(1));
        await UntilAsync(() => Write("a") || _requests.Count >= 2);
    }

    [Fact]
    public async Task What_ails_every_object_is_one_line_and_then_ever_fewer()
    {
        _code = 403;
        for (var i = 1; i <= 60; i++)
        {
            Write($"t{i}");
            await UntilAsync(() => _requests.Count == i && _log.Lines.Count > 0);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        await PassAsync(TimeSpan.Zero);
        Assert.InRange(_log.Lines.Count, 1, 4);
        Assert.Equal("Warning 1311 Cannot write the status at apis/test.dev/v1/namespaces/n/things/t1/status yet: no", _log.Lines[0]);
    }

    [Fact]
    public async Task An_observer_that_throws_keeps_no_later_status_from_being_written()
    {
        _observe = _ => throw new InvalidOperationException("not again");
        Write("a");
        await UntilAsync(() => _log.Lines.Count == 1);
        _observe = _observed.Enqueue;
        await PassAsync(TimeSpan.FromSeconds(10));

        await UntilAsync(() => Write("a") || !_observed.IsEmpty);
    }

    private bool Write(string name, string before = "{}", string after = """{"x":1}""") => _writer.Write(
        $"apis/test.dev/v1/namespaces/n/things/{name}/status",
        "7",
        JsonNode.Parse(before)!.AsObject(),
        JsonNode.Parse(after)!.AsObject(),
        ThingJson.Default.Thing,
        _observe);

    private async Task PassAsync(TimeSpan time)
    {
        // Whoever is about to wait has to have begun.
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken);
        _time.Advance(time);
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "It did not come about.");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var code = _code;
        _requests.Enqueue($"{context.Request.Method} {context.Request.Path} {await reader.ReadToEndAsync(context.RequestAborted)}");
        if (code == 0)
        {
            await _answer.Task;
            code = 200;
        }

        context.Response.StatusCode = code;
        context.Response.Headers.RetryAfter = _retryAfter;
        await context.Response.WriteAsync(
            code == 200 ? """{"metadata":{"name":"a","namespace":"n","uid":"u","resourceVersion":"8"}}""" : """{"kind":"Status","message":"no"}""",
            context.RequestAborted);
    }
}
