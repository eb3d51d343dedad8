using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>Names and labels of the chart's objects.</summary>
public sealed class LabelsTests
{
    private static readonly string Everything = Path.Combine(AppContext.BaseDirectory, "Cases", "everything.yaml");

    // A key that is there twice is no YAML that Helm takes: rendering alone would fail.
    [Fact]
    public async Task A_label_that_is_said_twice_is_there_once()
    {
        var objects = await Manifests.RenderAsync(
            "-f", Everything,
            "--set", "commonLabels.tier=common", "--set", "podLabels.tier=pods", "--set", @"commonLabels.app\.kubernetes\.io/part-of=ours",
            "--set", "metrics.serviceMonitor.labels.tier=monitors", "--set", "alerts.labels.tier=rules", "--set", "dashboard.labels.tier=dashboards",
            "--set", "commonLabels.grafana_dashboard=x", "--set", "alerts.alertLabels.severity=page");

        Assert.Equal("common", Label(objects.One("Deployment"), "tier"));
        Assert.Equal("ours", Label(objects.One("Deployment"), "app.kubernetes.io/part-of"));
        Assert.Equal("pods", Label(objects.One("Deployment")["spec"]!["template"]!, "tier"));
        Assert.Equal("monitors", Label(objects.One("ServiceMonitor"), "tier"));
        Assert.Equal("rules", Label(objects.One("PrometheusRule"), "tier"));
        Assert.Equal("dashboards", Label(objects.One("ConfigMap", "octopoid-operator-dashboard"), "tier"));
        Assert.Equal("1", Label(objects.One("ConfigMap", "octopoid-operator-dashboard"), "grafana_dashboard"));
        Assert.All(
            objects.One("PrometheusRule")["spec"]!["groups"]![0]!["rules"]!.AsArray(),
            rule => Assert.NotEqual("page", (string)rule!["labels"]!["severity"]!));
    }

    [Fact]
    public async Task Labels_that_Helm_and_roles_go_by_are_nobodys_to_change()
    {
        var objects = await Manifests.RenderAsync(
            "--set", @"commonLabels.app\.kubernetes\.io/managed-by=us", "--set", @"commonLabels.rbac\.authorization\.k8s\.io/aggregate-to-view=no");

        Assert.All(objects, item => Assert.Equal("Helm", Label(item, "app.kubernetes.io/managed-by")));
        Assert.Equal("true", Label(objects.One("ClusterRole", "octopoid-operator-view"), "rbac.authorization.k8s.io/aggregate-to-view"));
    }

    [Theory]
    [InlineData("octopoid", "octopoid-operator")]
    [InlineData("7", "7-octopoid-operator")]
    [InlineData("my.pool", "my-pool-octopoid-operator")]
    [InlineData("a.octopoid-operator", "a-octopoid-operator")]
    public async Task A_name_is_one_that_a_Service_may_have(string release, string name)
    {
        var (exitCode, output, error) = await Testing.Chart.RunAsync(TestContext.Current.CancellationToken, "template", release, "--set", "metrics.service.enabled=true");

        Assert.True(exitCode == 0, error);
        Assert.NotNull(Manifests.Read(output).One("Service", name));
    }

    [Theory]
    [InlineData("1e3")]
    [InlineData("true")]
    [InlineData("7")]
    public async Task A_name_that_YAML_takes_for_something_else_stays_a_name(string name)
    {
        await using var folder = new TemporaryFolder("octopoid-values-");
        var values = folder.Combine("values.yaml");
        await File.WriteAllTextAsync(values, $$"""{"fullnameOverride": "{{name}}", "watchNamespaces": ["{{name}}"]}""", TestContext.Current.CancellationToken);

        var (exitCode, output, error) = await Testing.Chart.RunAsync(TestContext.Current.CancellationToken, "template", "octopoid", "-n", name, "-f", values);

        Assert.True(exitCode == 0, error);
        var texts = Manifests.Read(output).SelectMany(Names).ToList();
        Assert.Contains(texts, text => text.GetValueKind() == JsonValueKind.String && (string)text! == name);
        Assert.All(texts, text => Assert.Equal(JsonValueKind.String, text.GetValueKind()));
    }

    /// <summary>All that is a name: of objects, of namespaces, of who is referred to.</summary>
    private static IEnumerable<JsonNode> Names(JsonNode node) => node switch
    {
        JsonObject map => map.SelectMany(field => field.Key is "name" or "namespace" or "serviceAccountName" && field.Value is JsonValue name ? [name] : field.Value is null ? [] : Names(field.Value)),
        JsonArray list => list.OfType<JsonNode>().SelectMany(Names),
        _ => [],
    };

    private static string Label(JsonNode item, string key) => (string)item["metadata"]!["labels"]![key]!;
}
