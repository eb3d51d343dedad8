using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Tests.Hosting;

/// <summary>Metrics as they leave the process.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_thousands_of_blueprints_each_has_its_state_told()
    {
        await using var app = Operator([]);
        app.MapPrometheusScrapingEndpoint();
        await app.StartAsync(CancellationToken);
        Report(app, 3000);

        using var http = new HttpClient();
        var lines = (await http.GetStringAsync(new Uri(app.Urls.Single() + "/metrics"), CancellationToken)).Split('\n');
        Assert.All(["octopoid_blueprint_state{", "octopoid_slots_occupied{"], name =>
            Assert.Equal(3000, lines.Count(line => line.StartsWith(name, StringComparison.Ordinal))));
        Assert.DoesNotContain(lines, line => line.Contains("overflow", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_sent_by_OTLP_has_our_metrics()
    {
        var sent = Channel.CreateUnbounded<(string Path, string Body)>();
        await using var receiver = Application();
        receiver.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            sent.Writer.TryWrite((context.Request.Path, Encoding.Latin1.GetString(body.ToArray())));
        });
        await receiver.StartAsync(CancellationToken);
        await using var app = Operator(new()
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = receiver.Urls.Single(), ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_METRIC_EXPORT_INTERVAL"] = "200",
        });
        await app.StartAsync(CancellationToken);
        Report(app, 1);

        Assert.True(await sent.Reader.ReadAllAsync(CancellationToken).AnyAsync(
            post => post.Path == "/v1/metrics" && post.Body.Contains("octopoid.slots.limit", StringComparison.Ordinal), CancellationToken));
    }

    private static WebApplication Operator(Dictionary<string, string> environment)
    {
        var builder = Builder();
        foreach (var (name, value) in environment)
        {
            builder.Configuration[name] = value;
        }

        Telemetry.AddMetrics(builder.Services, new OperatorIdentity("test", "1"), sendsOtlp: environment.Count > 0);
        builder.Services.AddSingleton<PoolMetrics>();
        return builder.Build();
    }

    private static WebApplication Application() => Builder().Build();

    private static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        return builder;
    }

    private static void Report(WebApplication app, int blueprints)
    {
        var state = new ClusterState();
        app.Services.GetRequiredService<PoolMetrics>().Report(
            state,
            [.. Enumerable.Range(1, blueprints).Select(i => (
                new AgentBlueprint { Metadata = new ObjectMeta { Name = $"b{i}", Namespace = "work" }, Spec = new AgentBlueprintSpec() },
                new AgentBlueprintStatus { State = BlueprintState.Idle, Reason = Reasons.NothingToDo }))],
            new PullRequestGate(state, TimeProvider.System.GetUtcNow()));
    }
}
