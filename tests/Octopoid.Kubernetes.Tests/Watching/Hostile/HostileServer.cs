using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>One HTTP server for many API servers, each with an address of its own below it: a listener for every seed would cost more than its run.</summary>
public sealed class HostileServer : IAsyncLifetime
{
    private readonly ConcurrentDictionary<int, HostileApi> _apis = new();
    private WebApplication _server = null!;
    private int _served;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    /// <summary>Serves one more.</summary>
    /// <returns>Its address.</returns>
    internal string Serve(HostileApi api)
    {
        var number = Interlocked.Increment(ref _served);
        _apis[number] = api;
        return string.Create(CultureInfo.InvariantCulture, $"{_server.Urls.Single()}/{number}/");
    }

    private async Task AnswerAsync(HttpContext context)
    {
        try
        {
            var number = int.Parse(context.Request.Path.Value!.Split('/')[1], CultureInfo.InvariantCulture);
            await _apis[number].AnswerAsync(context);
        }
        catch (OperationCanceledException)
        {
            // Whoever asked has gone.
        }
    }
}
