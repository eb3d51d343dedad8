using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Tests.Hosting;

/// <summary>What a kubelet gets from a process that is not well.</summary>
public sealed class HealthPagesTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_loop_that_hangs_is_not_healthy_and_watches_without_lists_are_not_ready()
    {
        var time = new FakeTimeProvider();
        await using var server = await ApiServerStub.StartAsync(_ => (200, ""), time);
        var pulse = new LoopPulse(time);
        await using var app = await ServeAsync(server, pulse, time);
        using var http = Client(app);

        pulse.Begin();
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(http, "healthz"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "[-]loop hangs: a cycle has not ended for a minute\n"), await GetAsync(http, "healthz"));
        pulse.End();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync(http, "healthz"));

        var (code, page) = await GetAsync(http, "readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Equal(7, page.Split('\n').Count(line => line.StartsWith("[-]", StringComparison.Ordinal) && line.EndsWith("not listed yet, the list is on its way", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Who_can_never_lead_is_not_ready_though_it_knows_all()
    {
        await using var server = await ApiServerStub.StartAsync(_ => (200, ""), TimeProvider.System);
        await using var app = await ServeAsync(server, new LoopPulse(TimeProvider.System), TimeProvider.System);
        using var http = Client(app);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(CancellationToken);

        // It answers all questions for the Lease with 403.
        var election = server.Elector.RunAsync((_, _) => Task.CompletedTask, end.Token);
        await server.Watches.StartAsync(end.Token);
        await Eventually.IsAsync(() => server.Watches.Health().All(watch => watch.IsWell));

        var (code, page) = await GetAsync(http, "readyz");

        await end.CancelAsync();
        await election;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Contains("[-]election: cannot take part in the election: ", page, StringComparison.Ordinal);
        Assert.Equal(7, page.Split('\n').Count(line => line.StartsWith("[+]", StringComparison.Ordinal)));
    }

    private static async Task<WebApplication> ServeAsync(ApiServerStub server, LoopPulse pulse, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services
            .AddSingleton(pulse)
            .AddSingleton(server.Watches)
            .AddSingleton(server.Connection)
            .AddSingleton(server.Elector)
            .AddSingleton(new GateReporter(null!, server.Meters, time, NullLogger<GateReporter>.Instance))
            .AddSingleton<Leader>();
        var app = builder.Build();
        HealthEndpoints.Map(app);
        await app.StartAsync(CancellationToken);
        return app;
    }

    private static HttpClient Client(WebApplication app) => new() { BaseAddress = new Uri(app.Urls.Single()) };

    private static async Task<(HttpStatusCode, string)> GetAsync(HttpClient http, string path)
    {
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken));
    }
}
