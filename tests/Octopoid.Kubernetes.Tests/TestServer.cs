using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Octopoid.Kubernetes.Tests;

/// <summary>A server of this process on a free port of the loopback.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestServer(WebApplication application) => _application = application;

    public string Url => _application.Urls.Single();

    /// <summary>Starts one.</summary>
    /// <param name="answer">Answers every request.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    public static async Task<TestServer> StartAsync(RequestDelegate answer, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var application = builder.Build();
        application.Run(answer);
        await application.StartAsync(cancellationToken);
        return new TestServer(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
