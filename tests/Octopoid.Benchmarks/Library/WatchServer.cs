using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Octopoid.Benchmarks.Library;

/// <summary>A server in this process: its lists are empty, and each watch brings the same events as fast as they are read, and then none.</summary>
internal sealed class WatchServer : IAsyncDisposable
{
    private const int PieceLength = 64 * 1024;

    private readonly WebApplication _application;

    private WatchServer(WebApplication application) => _application = application;

    public string Uri => _application.Urls.First();

    public static async Task<WatchServer> StartAsync(byte[] events)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var application = builder.Build();
        application.Run(context => AnswerAsync(context, events));
        await application.StartAsync();
        return new WatchServer(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static async Task AnswerAsync(HttpContext context, byte[] events)
    {
        context.Response.ContentType = "application/json";
        if (!context.Request.Query.ContainsKey("watch"))
        {
            await context.Response.WriteAsync("""{"metadata":{"resourceVersion":"1"},"items":[]}""");
            return;
        }

        for (var sent = 0; sent < events.Length; sent += PieceLength)
        {
            await context.Response.Body.WriteAsync(events.AsMemory(sent, Math.Min(PieceLength, events.Length - sent)), context.RequestAborted);
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
