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
        await using var app = builder.Build();
        HealthEndpoints.Map(app);
        await app.StartAsync(CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        pulse.Begin();
        time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("healthz"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "[-]loop hangs: a cycle has not ended for a minute\n"), await GetAsync("healthz"));
        pulse.End();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("healthz"));

        var (code, page) = await GetAsync("readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, code);
        Assert.Equal(7, page.Split('\n').Count(line => line.StartsWith("[-]", StringComparison.Ordinal) && line.EndsWith("not listed yet, the list is on its way", StringComparison.Ordinal)));

        async Task<(HttpStatusCode, string)> GetAsync(string path)
        {
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(CancellationToken));
        }
    }
}
