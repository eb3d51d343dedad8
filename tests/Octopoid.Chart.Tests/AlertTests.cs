using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>The alerts, by the word of Prometheus itself: <c>Cases/alerts.yaml</c> says when each fires and when it does not.</summary>
public sealed class AlertTests
{
    private static readonly string[] Enabled = ["--set", "alerts.enabled=true", "--set", "metrics.assumePrometheusOperator=true"];

    private static readonly string Cases = Path.Combine(AppContext.BaseDirectory, "Cases", "alerts.yaml");

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Promtool_takes_the_rules() => await CheckAsync("check", "rules.yaml");

    [Fact]
    public async Task Each_alert_fires_when_it_should_and_only_then() => await CheckAsync("test", "alerts.yaml");

    [Fact]
    public async Task Each_alert_is_tried_both_ways()
    {
        var tried = Manifests.Read(await File.ReadAllTextAsync(Cases, CancellationToken))[0]["tests"]!.AsArray()
            .SelectMany(test => test!["alert_rule_test"]!.AsArray())
            .Select(test => ((string)test!["alertname"]!, test["exp_alerts"] is not null))
            .ToHashSet();

        Assert.All(await RulesAsync(), rule => Assert.Subset(tried, new HashSet<(string, bool)> { (Name(rule), true), (Name(rule), false) }));
    }

    [Fact]
    public async Task Each_alert_has_a_section_of_the_runbook()
    {
        var runbook = await File.ReadAllTextAsync(RepositoryRoot.Combine("docs", "runbook.md"), CancellationToken);

        Assert.All(await RulesAsync(), rule =>
        {
            var url = (string)rule["annotations"]!["runbook_url"]!;
            Assert.Contains($"<a id=\"{url[(url.IndexOf('#', StringComparison.Ordinal) + 1)..]}\"></a>", runbook, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Each_alert_asks_for_metrics_that_there_are() =>
        Assert.All(await RulesAsync(), rule => Assert.Empty(MetricsPage.NamesIn((string)rule["expr"]!).Except(MetricsPage.Names)));

    [Fact]
    public async Task An_alert_can_be_switched_off_and_changed()
    {
        var rules = await RulesAsync("--set", "alerts.noLeader.enabled=false", "--set", "alerts.apiSlow.for=1m", "--set", "alerts.alertLabels.team=agents");

        Assert.DoesNotContain(rules, rule => Name(rule) == "OctopoidNoLeader");
        Assert.Equal("1m", (string)rules.Single(rule => Name(rule) == "OctopoidApiSlow")["for"]!);
        Assert.All(rules, rule => Assert.Equal("agents", (string)rule["labels"]!["team"]!));
    }

    private static string Name(JsonNode rule) => (string)rule["alert"]!;

    private static async Task<IReadOnlyList<JsonNode>> RulesAsync(params IReadOnlyList<string> options) =>
        [.. (await GroupsAsync(options)).SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!)];

    private static async Task<JsonArray> GroupsAsync(params IReadOnlyList<string> options) =>
        (await Manifests.RenderAsync([.. Enabled, .. options])).One("PrometheusRule")["spec"]!["groups"]!.AsArray();

    // A file of rules is the groups alone; JSON is YAML, too.
    private static async Task CheckAsync(string command, string file)
    {
        await using var folder = new TemporaryFolder("octopoid-alerts-");
        var rules = new JsonObject { ["groups"] = (await GroupsAsync()).DeepClone() };
        await File.WriteAllTextAsync(folder.Combine("rules.yaml"), rules.ToJsonString(), CancellationToken);
        File.Copy(Cases, folder.Combine("alerts.yaml"));
        var (code, output) = await Prometheus.RunToolAsync("", CancellationToken, command, "rules", folder.Combine(file));
        Assert.True(code == 0, output);
    }
}
