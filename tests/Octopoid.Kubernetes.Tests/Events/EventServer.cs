using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Kubernetes.Events;

namespace Octopoid.Kubernetes.Tests.Events;

/// <summary>A recorder on a clock that the test moves, and a server that behaves as the test says.</summary>
internal sealed class EventServer : IAsyncDisposable
{
    /// <summary>So long that a clock which the test hurries ends no request by the way.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromDays(1);

    private readonly ConcurrentQueue<Request> _requests = new();
    private readonly CancellationTokenSource _stop = new();
    private TestServer _server = null!;
    private TestConnection _connection = null!;
    private Task _run = Task.CompletedTask;

    /// <summary>What is answered to each request: a code, or 0 for none at all.</summary>
    public Func<Request, int> Answer { get; set; } = request => request.Method == "POST" ? 201 : 200;

    /// <summary>In the header of each answer.</summary>
    public string? RetryAfter { get; set; }

    /// <summary>What each failure says.</summary>
    public string Message { get; set; } = "no";

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 7, 14, 9, 30, 0, TimeSpan.Zero));

    public TestLog<EventRecorder> Log { get; } = new();

    public EventResults Results { get; private set; } = null!;

    public EventRecorder Recorder { get; private set; } = null!;

    public IReadOnlyList<Request> Requests => [.. _requests];

    public IEnumerable<Request> Created => _requests.Where(request => request is { Method: "POST", Code: 201 });

    public IEnumerable<Request> Patched => _requests.Where(request => request is { Method: "PATCH", Code: 200 });

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public static async Task<EventServer> StartAsync(bool run = true)
    {
        var server = new EventServer();
        server._server = await TestServer.StartAsync(server.AnswerAsync, CancellationToken);
        server._connection = new TestConnection(server._server.Url, server.Time);
        server.Results = new EventResults(server._connection.Meters);
        server.Recorder = new EventRecorder(
            server._connection.Transport(RequestTimeout),
            "octopoid.dev/operator",
            "pod-1",
            server.Time,
            server._connection.Jitter,
            server._connection.Failures,
            server._connection.Meters,
            server.Log);
        if (run)
        {
            server.Run();
        }

        return server;
    }

    public static ObjectReference Object(string name = "job-1", string uid = "u1") => new("batch/v1", "Job", "n", name, uid, "7");

    public void Run() => _run = Recorder.RunAsync(_stop.Token);

    public void Say(string note = "It is done.", string name = "job-1") =>
        Recorder.Publish(Object(name, name), EventType.Normal, "Done", "Finish", note);

    /// <summary>Tells the recorder to end.</summary>
    /// <returns>Its end.</returns>
    public async Task<Task> StopAsync()
    {
        await _stop.CancelAsync();
        return _run;
    }

    /// <summary>Moves the clock step by step until something is so.</summary>
    public async Task UntilAsync(Func<bool> condition, TimeSpan step = default)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "It did not come about.");
            Time.Advance(step);
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken);
        }
    }

    /// <summary>Moves the clock, and gives whoever waits for it the time to see it.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        await SettleAsync();
        Time.Advance(time);
        await SettleAsync();
    }

    /// <summary>Lets what is under way come to rest. Only for what must not happen: what must is waited for.</summary>
    public static Task SettleAsync() => Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, CancellationToken);

    public async ValueTask DisposeAsync()
    {
        var run = await StopAsync();
        await UntilAsync(() => run.IsCompleted, TimeSpan.FromSeconds(1));
        await run;
        Results.Dispose();
        _connection.Dispose();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        var request = new Request(context.Request.Method, context.Request.Path, context.Request.ContentType!, body!, Time.GetUtcNow());
        request = request with { Code = Answer(request) };
        _requests.Enqueue(request);
        if (request.Code == 0)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        context.Response.StatusCode = request.Code;
        context.Response.Headers.RetryAfter = RetryAfter;
        var reason = request.Code == 409 ? "AlreadyExists" : "";
        var status = new JsonObject { ["kind"] = "Status", ["code"] = request.Code, ["reason"] = reason, ["message"] = Message };
        await context.Response.WriteAsync((request.Code < 300 ? body! : status).ToJsonString(), context.RequestAborted);
    }

    internal sealed record Request(string Method, string Path, string ContentType, JsonNode Body, DateTimeOffset At)
    {
        public int Code { get; init; }

        public string? Name => (string?)Body["metadata"]?["name"];

        public string? Note => (string?)Body["note"];

        public int? Count => (int?)Body["series"]?["count"];

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At:HH:mm:ss} {Method} {Path} {Code} {Body}");
    }
}
