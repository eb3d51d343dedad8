using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Octopoid.Operator.Tests.Forge;

/// <summary>Refuses every request, and says back in whose name it came.</summary>
internal sealed class EchoServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoServer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    /// <summary>Starts one.</summary>
    /// <param name="sent">Where it notes the credentials that came.</param>
    public static async Task<EchoServer> StartAsync(ConcurrentBag<string> sent)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(context =>
        {
            var credential = context.Request.Headers.Authorization.ToString().Split(' ')[^1];
            sent.Add(credential);
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync(JsonSerializer.Serialize(new { message = $"{credential} is refused" }));
        });
        await app.StartAsync();
        return new EchoServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
