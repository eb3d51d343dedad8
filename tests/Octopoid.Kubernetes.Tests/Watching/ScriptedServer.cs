using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Octopoid.Kubernetes.Watching;
using Octopoid.Testing;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>A server that answers each request with the next of its answers, over real HTTP; and an informer that follows it on a fast clock.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<Func<HttpContext, Task>> _script = new();
    private readonly ConcurrentQueue<(TimeSpan At, string Query)> _requests = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _server;
    private TestConnection _connection = null!;
    private bool _isWarm;

    private ScriptedServer(int speed)
    {
        Time = new FastTime(speed);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public FastTime Time { get; }

    public TestConnection Connection => _connection;

    public Informer<Thing> Informer { get; private set; } = null!;

    /// <summary>The informer's run.</summary>
    public Task Run { get; private set; } = Task.CompletedTask;

    /// <summary>The requests that were answered so far, by time and query.</summary>
    public IReadOnlyList<(TimeSpan At, string Query)> Requests => [.. _requests];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    /// <summary>Starts it.</summary>
    /// <param name="speed">How fast its clock runs. The wall's time of an exchange counts so many times, up to a tenth of a second on a busy machine.</param>
    /// <param name="requestTimeout">The informer's; not met by chance unless it is short for the speed.</param>
    public static async Task<ScriptedServer> StartAsync(int speed = 50, TimeSpan? requestTimeout = null)
    {
        var server = new ScriptedServer(speed);
        await server._server.StartAsync(CancellationToken);

        // The first exchange of a process takes a hundred times as long as the next.
        using (var warmth = new TestConnection(server._server.Urls.Single(), TimeProvider.System))
        {
            await warmth.Transport().GetAsync("warmth", Thing.Watched.ListJson, CancellationToken);
        }

        server._isWarm = true;
        server._connection = new TestConnection(server._server.Urls.Single(), server.Time);
        server.Informer = server._connection.Informer(Thing.Watched, requestTimeout ?? TimeSpan.FromMinutes(5));
        return server;
    }

    /// <summary>Has the informer begin, answers each request with the next of these, and returns when all are used and one more was sent; that one
    /// is left open.</summary>
    public async Task PlayAsync(params Func<HttpContext, Task>[] answers)
    {
        Begin(answers);
        await _ended.Task.WaitAsync(Patience, CancellationToken);
        await Informer.Synced;
    }

    /// <summary>As <see cref="PlayAsync"/>, but waits for nothing.</summary>
    public void Begin(params Func<HttpContext, Task>[] answers)
    {
        Script(answers);
        Run = Informer.RunAsync(_stop.Token);
    }

    /// <summary>Adds answers.</summary>
    public void Script(params Func<HttpContext, Task>[] answers) => Array.ForEach(answers, _script.Enqueue);

    /// <summary>Waits until so many requests have been answered, or are being answered.</summary>
    public async Task UntilAskedAsync(int count)
    {
        while (_requests.Count < count)
        {
            Assert.False(Run.IsFaulted || Run.IsCanceled, "The informer has ended.");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, CancellationToken);
        }
    }

    public IEnumerable<string> Names() => Informer.Lister.Objects.Select(thing => thing.Metadata!.Name!).Order();

    /// <summary>Ends the informer's run.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _connection.Dispose();
        await _server.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!_isWarm)
        {
            await Answers.List(1)(context);
            return;
        }

        if (!_script.TryDequeue(out var answer))
        {
            // Whoever asks again has read all that was said before.
            _ended.TrySetResult();
            answer = Answers.Silence;
        }

        _requests.Enqueue((Time.Elapsed, context.Request.QueryString.Value ?? ""));
        try
        {
            await answer(context);
        }
        catch (OperationCanceledException)
        {
            // Whoever asked has gone.
        }
    }
}
