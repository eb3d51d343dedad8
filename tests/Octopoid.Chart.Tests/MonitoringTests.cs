using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>What Prometheus and Grafana are given.</summary>
public sealed class MonitoringTests
{
    private static readonly string[] Assumed = ["--set", "metrics.assumePrometheusOperator=true"];

    [Theory]
    [InlineData("PodMonitor", "podMonitor", "podMetricsEndpoints")]
    [InlineData("ServiceMonitor", "serviceMonitor", "endpoints")]
    public async Task A_monitor_finds_the_operator_and_keeps_its_labels(string kind, string value, string endpoints)
    {
        var objects = await Manifests.RenderAsync([.. Assumed, "--set", $"metrics.{value}.enabled=true", "--set", $"metrics.{value}.labels.release=prometheus"]);
        var monitor = objects.One(kind);
        var endpoint = Assert.Single(monitor["spec"]![endpoints]!.AsArray())!;
        var pod = objects.One("Deployment")["spec"]!["template"]!;

        Assert.Equal("prometheus", (string)monitor["metadata"]!["labels"]!["release"]!);
        Assert.Equal(("http", "/metrics", true), ((string)endpoint["port"]!, (string)endpoint["path"]!, (bool)endpoint["honorLabels"]!));
        Assert.Contains(pod["spec"]!["containers"]![0]!["ports"]!.AsArray(), port => (string)port!["name"]! == "http");
        var found = kind == "PodMonitor" ? pod : objects.One("Service");
        Assert.All(
            monitor["spec"]!["selector"]!["matchLabels"]!.AsObject(),
            label => Assert.Equal((string)label.Value!, (string)found["metadata"]!["labels"]![label.Key]!));
    }

    [Fact]
    public async Task Both_monitors_at_once_are_refused()
    {
        var (exitCode, _, error) = await Testing.Chart.RunAsync(
            TestContext.Current.CancellationToken,
            ["template", "octopoid", .. Assumed, "--set", "metrics.podMonitor.enabled=true", "--set", "metrics.serviceMonitor.enabled=true"]);

        Assert.Equal(1, exitCode);
        Assert.Contains("counted twice", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prometheus_can_read_each_expression_of_the_dashboard()
    {
        var (_, expressions) = await DashboardAsync();
        var rules = expressions.Select((expression, i) => (JsonNode)new JsonObject
        {
            ["record"] = $"panel:{i}",
            ["expr"] = expression.Replace("$__rate_interval", "5m", StringComparison.Ordinal).Replace("$__range", "1h", StringComparison.Ordinal),
        });
        await using var folder = new TemporaryFolder("octopoid-dashboard-");
        var file = folder.Combine("rules.yaml");
        await File.WriteAllTextAsync(
            file, new JsonObject { ["groups"] = new JsonArray(new JsonObject { ["name"] = "panels", ["rules"] = new JsonArray([.. rules]) }) }.ToJsonString(), TestContext.Current.CancellationToken);

        var (code, output) = await Prometheus.RunToolAsync("", TestContext.Current.CancellationToken, "check", "rules", file);

        Assert.True(code == 0, output);
        Assert.Contains($"{expressions.Count} rules found", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_dashboard_asks_for_metrics_that_there_are()
    {
        var (map, expressions) = await DashboardAsync();
        var panels = JsonNode.Parse((string)map["data"]!["octopoid.json"]!)!["panels"]!.AsArray();

        Assert.Equal("1", (string)map["metadata"]!["labels"]!["grafana_dashboard"]!);
        Assert.NotEmpty(expressions);
        Assert.Empty(expressions.SelectMany(MetricsPage.NamesIn).Except(MetricsPage.Names));
        Assert.Equal(panels.Count, panels.Select(panel => (int)panel!["id"]!).Distinct().Count());
    }

    private static async Task<(JsonNode Map, IReadOnlyList<string> Expressions)> DashboardAsync()
    {
        var map = (await Manifests.RenderAsync("--set", "dashboard.enabled=true")).One("ConfigMap", "octopoid-operator-dashboard");
        var panels = JsonNode.Parse((string)map["data"]!["octopoid.json"]!)!["panels"]!.AsArray();
        return (map, [.. panels.SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => (string)target!["expr"]!)]);
    }
}
