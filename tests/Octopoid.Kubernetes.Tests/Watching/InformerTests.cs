using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>The informer against a server that behaves as real ones do on a bad day, over real HTTP.</summary>
public sealed class InformerTests : IAsyncLifetime
{
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = new();
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _scriptEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private WebApplication _server = null!;
    private TestConnection _connection = null!;
    private Informer<Thing> _informer = null!;
    private Task _run = Task.CompletedTask;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync(CancellationToken);
        _connection = new TestConnection(_server.Urls.Single(), TimeProvider.System);
        _informer = _connection.Informer(Thing.Watched, requestTimeout: TimeSpan.FromSeconds(1));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _connection.Dispose();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_connection_that_breaks_within_a_line_loses_nothing()
    {
        await PlayAsync(
            List(1),
            Watch(Event("ADDED", "a", 2), Event("ADDED", "b", 3)[..30]),
            Watch(Event("ADDED", "b", 3)));

        Assert.Equal(["a", "b"], Names());
        Assert.Contains("resourceVersion=2", _requests.Last(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_version_brings_a_new_list_and_with_it_the_deletions_that_nobody_saw()
    {
        await PlayAsync(List(1, ("a", 1), ("b", 1)), Status(410), List(5, ("b", 4)), Watch(Event("ADDED", "c", 6)));

        Assert.Equal(["b", "c"], Names());
    }

    [Fact]
    public async Task An_error_event_is_an_expired_version_too()
    {
        const string Expired = """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}""";
        await PlayAsync(List(1, ("a", 1)), Watch(Event("ADDED", "x", 2), Expired), List(5, ("b", 4)), Watch(Event("ADDED", "c", 6)));

        Assert.Equal(["b", "c"], Names());
    }

    [Fact]
    public async Task A_list_whose_body_stalls_is_given_up_and_asked_for_again()
    {
        await PlayAsync(
            async context =>
            {
                await context.Response.WriteAsync("{\"items\":[", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
            },
            List(1, ("a", 1)),
            Watch(Event("ADDED", "b", 2)));

        Assert.Equal(["a", "b"], Names());
    }

    [Fact]
    public async Task Failures_and_pages_that_are_no_JSON_are_survived()
    {
        await PlayAsync(Status(500), Status(403), Text("<html>"), List(1), Status(429), Text("<html>\n"), Watch(Event("ADDED", "a", 2)));

        Assert.Equal(["a"], Names());
    }

    [Fact]
    public async Task A_watch_that_ends_at_once_is_not_opened_again_at_once()
    {
        var start = TimeProvider.System.GetTimestamp();
        await PlayAsync(List(1), Watch(), Watch(), Watch(Event("ADDED", "a", 2)));

        // The first pause is 0.4 s at least, the second 0.8 s.
        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(1.1));
    }

    [Fact]
    public async Task Lists_that_expire_at_once_are_not_made_one_after_the_other_without_a_pause()
    {
        var start = TimeProvider.System.GetTimestamp();
        await PlayAsync(List(1), Status(410), List(2), Status(410), Status(410), List(3), Watch(Event("ADDED", "a", 4)));

        // Pauses of 0.4 s, 0.8 s and 1.6 s at least: the first two lists expire, the third is expired itself.
        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromSeconds(2.7));
    }

    [Fact]
    public async Task A_version_that_expired_while_nobody_heard_is_listed_anew_at_once()
    {
        var start = TimeProvider.System.GetTimestamp();
        await PlayAsync(List(1), Watch(Event("ADDED", "a", 2)), Status(410), List(5, ("b", 4)), Watch(Event("ADDED", "c", 6)));

        Assert.Equal(["b", "c"], Names());
        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(0.4));
    }

    /// <summary>Answers each request with the next of these; when all are used, the last watch stays open and the test goes on.</summary>
    private async Task PlayAsync(params Func<HttpContext, Task>[] answers)
    {
        foreach (var answer in answers)
        {
            _script.Enqueue(answer);
        }

        _run = _informer.RunAsync(_stop.Token);
        await _scriptEnded.Task.WaitAsync(TimeSpan.FromSeconds(30), CancellationToken);
        await _informer.Synced;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!_script.TryDequeue(out var answer))
        {
            // Whoever asks again has read all that was said before.
            _scriptEnded.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return;
        }

        _requests.Enqueue(context.Request.QueryString.Value ?? "");
        await answer(context);
    }

    private IEnumerable<string> Names() => _informer.Lister.Objects.Select(thing => thing.Metadata!.Name!).Order();

    private static string Object(string name, int version) =>
        $$$"""{"metadata":{"name":"{{{name}}}","namespace":"n","uid":"{{{name}}}","resourceVersion":"{{{version}}}"}}""";

    private static string Event(string type, string name, int version) => $$"""{"type":"{{type}}","object":{{Object(name, version)}}}""";

    private static Func<HttpContext, Task> List(int version, params (string Name, int Version)[] things) => Text(
        $$$"""{"metadata":{"resourceVersion":"{{{version}}}"},"items":[{{{string.Join(',', things.Select(t => Object(t.Name, t.Version)))}}}]}""");

    private static Func<HttpContext, Task> Watch(params string[] lines) => Text(string.Join('\n', lines) + (lines is [.., [.., '}']] ? "\n" : ""));

    private static Func<HttpContext, Task> Text(string text) => context => context.Response.WriteAsync(text, context.RequestAborted);

    private static Func<HttpContext, Task> Status(int code) => context =>
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsync($$"""{"kind":"Status","code":{{code}},"message":"no"}""", context.RequestAborted);
    };
}
