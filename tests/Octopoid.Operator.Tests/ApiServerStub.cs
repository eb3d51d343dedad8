using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Tests;

/// <summary>Answers as an API server in this process, and what of the operator talks to it.</summary>
internal sealed class ApiServerStub : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly WebApplication _server;

    private ApiServerStub(WebApplication server, TimeProvider time, RecordedLog log, IReadOnlyCollection<string> namespaces)
    {
        (_server, Log) = (server, log);
        var (jitter, failures) = (new Jitter(new Random(1)), new FailureLog(time));
        var metrics = new ApiMetrics(_services.GetRequiredService<IMeterFactory>());
        Connection = new ApiConnection(
            new ApiServerConfiguration("the test", () => new KubernetesClientConfiguration { Host = server.Urls.Single() }), time, failures, NullLogger<ApiConnection>.Instance);
        Elector = new LeaderElector(
            Connection, metrics, new LeaderElectionOptions { Namespace = "default", Name = "l", Identity = "test" }, time, jitter, failures, NullLogger<LeaderElector>.Instance);
        Transport = new ApiTransport(Connection, time, jitter, metrics);
        Watches = new Watches(Transport, Elector, new OperatorOptions { Namespaces = namespaces }, time, jitter, failures, log);
    }

    /// <summary>The patches that it was sent: where to, and what.</summary>
    public ConcurrentQueue<(string Path, string Body)> Patches { get; } = new();

    /// <summary>What it answers to a patch.</summary>
    public HttpStatusCode PatchAnswer { get; set; } = HttpStatusCode.OK;

    public RecordedLog Log { get; }

    public ApiConnection Connection { get; }

    public LeaderElector Elector { get; }

    public ApiTransport Transport { get; }

    public Watches Watches { get; }

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    /// <summary>Starts one.</summary>
    /// <param name="list">What a list answers, by its path: the items, and a code.</param>
    /// <param name="time">The clock of what talks to it.</param>
    /// <param name="namespaces">The namespaces that are watched.</param>
    public static async Task<ApiServerStub> StartAsync(Func<string, (int Code, string Items)> list, TimeProvider time, params IReadOnlyCollection<string> namespaces)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var server = builder.Build();
        ApiServerStub? stub = null;
        server.Run(async context =>
        {
            if (HttpMethods.IsPatch(context.Request.Method))
            {
                using var body = new StreamReader(context.Request.Body);
                stub!.Patches.Enqueue((context.Request.Path, await body.ReadToEndAsync(context.RequestAborted)));
                var parts = context.Request.Path.Value!.Split('/');
                context.Response.StatusCode = (int)stub.PatchAnswer;
                await context.Response.WriteAsync(
                    $$$"""{"kind":"Patched","metadata":{"namespace":"{{{parts[^4]}}}","name":"{{{parts[^2]}}}","uid":"u","resourceVersion":"1"}}""", context.RequestAborted);
                return;
            }

            if (context.Request.Query.ContainsKey("watch"))
            {
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            var (code, items) = context.Request.Path.Value!.Contains("/leases", StringComparison.Ordinal) ? (403, "") : list(context.Request.Path.Value);
            context.Response.StatusCode = code;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                code == 200 ? $$"""{"kind":"List","metadata":{"resourceVersion":"1"},"items":[{{items}}]}""" : $$"""{"kind":"Status","code":{{code}},"reason":"Forbidden","message":"forbidden"}""",
                context.RequestAborted);
        });
        await server.StartAsync(TestContext.Current.CancellationToken);
        stub = new ApiServerStub(server, time, new RecordedLog(), namespaces);
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        Watches.Dispose();
        Connection.Dispose();
        await _server.DisposeAsync();
        await _services.DisposeAsync();
    }
}
