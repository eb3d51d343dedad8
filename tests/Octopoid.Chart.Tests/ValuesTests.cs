using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Octopoid.Chart.Tests;

/// <summary>Values: what is wrong is refused, and none is dead.</summary>
public sealed partial class ValuesTests
{
    private static readonly string Everything = Path.Combine(AppContext.BaseDirectory, "Cases", "everything.yaml");

    // For each value another one that must be seen in what is rendered, where everything else is switched on.
    private static readonly Dictionary<string, string> Others = new()
    {
        ["nameOverride"] = "=other",
        ["fullnameOverride"] = "=other",
        ["commonLabels"] = ".team=other",
        ["image.repository"] = "=other",
        ["image.tag"] = "=other",
        ["image.digest"] = $"=sha256:{new string('1', 64)}",
        ["image.pullPolicy"] = "=Always",
        ["imagePullSecrets"] = "[0].name=other",
        ["replicas"] = "=5",
        ["watchNamespaces"] = "={other}",
        ["leaseSeconds"] = "=20",
        ["log.format"] = "=json",
        ["log.level"] = "=debug",
        ["otlpEndpoint"] = "=http://other",
        ["orchestrator.create"] = "=false",
        ["orchestrator.maxConcurrent"] = "=7",
        ["orchestrator.maxOpenPRs"] = "=7",
        ["orchestrator.paused"] = "=false",
        ["orchestrator.startFailureThreshold"] = "=7",
        ["orchestrator.retention.jobSeconds"] = "=7",
        ["orchestrator.retention.doneSeconds"] = "=7",
        ["orchestrator.retention.failedSeconds"] = "=7",
        ["serviceAccount.create"] = "=false",
        ["serviceAccount.name"] = "=other",
        ["serviceAccount.annotations"] = ".note=other",
        ["rbac.create"] = "=false",
        ["rbac.aggregate"] = "=false",
        ["rbac.secrets.any"] = "=true",
        ["rbac.secrets.allowed"] = "[0].names={other}",
        ["resources.requests"] = ".cpu=60m",
        ["resources.limits"] = ".memory=1Gi",
        ["podDisruptionBudget.enabled"] = "=false",
        ["topologySpreadConstraints"] = "[0].maxSkew=2,topologySpreadConstraints[0].topologyKey=other,topologySpreadConstraints[0].whenUnsatisfiable=DoNotSchedule",
        ["nodeSelector"] = ".other=other",
        ["tolerations"] = "[0].key=other",
        ["affinity"] = ".nodeAffinity.other=1",
        ["priorityClassName"] = "=other",
        ["podLabels"] = ".tier=other",
        ["podAnnotations"] = ".note=other",
        ["extraEnv"] = "[0].value=other",
        ["extraVolumes"] = "[0].secret.secretName=other",
        ["extraVolumeMounts"] = "[0].mountPath=/other",
        ["networkPolicy.operator.enabled"] = "=false",
        ["networkPolicy.operator.from"] = "[0].podSelector.matchLabels.a=b",
        ["networkPolicy.operator.egress.enabled"] = "=false",
        ["networkPolicy.operator.egress.ports"] = "={8443}",
        ["networkPolicy.operator.egress.cidrs"] = "={10.0.0.0/8}",
        ["networkPolicy.operator.egress.extra"] = "[0].ports[0].port=1",
        ["networkPolicy.agents.namespaces"] = "={other}",
        ["networkPolicy.agents.blockedCidrs"] = "={10.0.0.0/8}",
        ["networkPolicy.agents.apiServerCidrs"] = "={10.0.0.0/8}",
        ["networkPolicy.agents.extraEgress"] = "[0].ports[0].port=1",
        ["resourceQuotas"] = "[0].hard.pods=7",
        ["metrics.service.enabled"] = "=false,metrics.serviceMonitor.enabled=false",
        ["metrics.service.annotations"] = ".a=b",
        ["metrics.podMonitor.enabled"] = "=true,metrics.serviceMonitor.enabled=false",
        ["metrics.podMonitor.interval"] = "=7s,metrics.podMonitor.enabled=true,metrics.serviceMonitor.enabled=false",
        ["metrics.podMonitor.labels"] = ".a=b,metrics.podMonitor.enabled=true,metrics.serviceMonitor.enabled=false",
        ["metrics.serviceMonitor.enabled"] = "=false",
        ["metrics.serviceMonitor.interval"] = "=7s",
        ["metrics.serviceMonitor.labels"] = ".a=b",
        ["metrics.assumePrometheusOperator"] = "=false",
        ["alerts.enabled"] = "=false",
        ["alerts.labels"] = ".a=b",
        ["alerts.alertLabels"] = ".a=b",
        ["alerts.runbookUrl"] = "=https://other",
        ["alerts.nothingStarts"] = ".for=7m",
        ["alerts.gateClosed"] = ".severity=info",
        ["alerts.blueprintDegraded"] = ".enabled=false",
        ["alerts.countStale"] = ".for=7m",
        ["alerts.ledgerDrift"] = ".within=7m",
        ["alerts.noLeader"] = ".for=7m",
        ["alerts.quotaLow"] = ".below=1",
        ["alerts.apiSlow"] = ".seconds=7",
        ["dashboard.enabled"] = "=false",
        ["dashboard.labels"] = ".a=b",
        ["dashboard.annotations"] = ".a=b",
    };

    public static TheoryData<string> Values => [.. ChartValue.All.Select(value => value.Path)];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Values))]
    public async Task No_value_is_dead(string value)
    {
        Assert.True(Others.TryGetValue(value, out var other), $"{value}: say in {nameof(Others)} what another value of it is.");
        // What comes after a comma is set before and after: the value alone makes the difference.
        var sets = $"{value}{other}".Split(',').SelectMany(assignment => new[] { "--set", assignment }).ToList();
        var (_, before, _) = await RunAsync(["-f", Everything, .. sets[2..]]);
        var (exitCode, after, error) = await RunAsync(["-f", Everything, .. sets]);

        // What is refused was read, too.
        Assert.True(exitCode == 0 ? before != after : !error.Contains("schema", StringComparison.Ordinal), error);
    }

    [Theory]
    [InlineData("replica=2", "Additional property replica is not allowed")]
    [InlineData("image.name=a", "image: Additional property name is not allowed")]
    [InlineData("image.tag=latest", "image.tag")]
    [InlineData("image.digest=sha256:1", "image.digest")]
    [InlineData("image.pullPolicy=Sometimes", "image.pullPolicy")]
    [InlineData("replicas=0", "replicas: Must be greater than or equal to 1")]
    [InlineData("replicas=two", "replicas: Invalid type")]
    [InlineData("leaseSeconds=2", "leaseSeconds: Must be greater than or equal to 3")]
    [InlineData("leaseSeconds=3601", "leaseSeconds: Must be less than or equal to 3600")]
    [InlineData("log.level=loud", "log.level")]
    [InlineData("log.format=xml", "log.format")]
    [InlineData("watchNamespaces={Work}", "watchNamespaces.0")]
    [InlineData("watchNamespaces={work,work}", "watchNamespaces")]
    [InlineData("otlpEndpoint=collector:4317", "otlpEndpoint")]
    [InlineData("orchestrator.maxConcurrent=-1", "orchestrator.maxConcurrent")]
    [InlineData("orchestrator.maxConcurrent=100001", "orchestrator.maxConcurrent")]
    [InlineData("orchestrator.startFailureThreshold=0", "orchestrator.startFailureThreshold")]
    [InlineData("orchestrator.retention.jobSeconds=-1", "orchestrator.retention.jobSeconds")]
    [InlineData("orchestrator.limit=1", "orchestrator: Additional property limit")]
    [InlineData("rbac.secrets.allowed[0].namespace=work", "names is required")]
    [InlineData("rbac.secrets.allowed[0].namespace=work,rbac.secrets.allowed[0].names={}", "rbac.secrets.allowed.0.names")]
    [InlineData("networkPolicy.agents.blockedCidrs={10.0.0.1}", "networkPolicy.agents.blockedCidrs.0")]
    [InlineData("networkPolicy.operator.egress.ports={70000}", "networkPolicy.operator.egress.ports.0")]
    [InlineData("resourceQuotas[0].namespace=work", "hard is required")]
    [InlineData("metrics.podMonitor.interval=often", "metrics.podMonitor.interval")]
    [InlineData("alerts.quotaLow.below=2", "alerts.quotaLow.below")]
    [InlineData("alerts.gateClosed.for=long", "alerts.gateClosed.for")]
    [InlineData("alerts.noLeader.threshold=1", "alerts.noLeader: Additional property threshold")]
    [InlineData("podLabels.app\\.kubernetes\\.io/name=other", "podLabels")]
    public async Task A_wrong_value_is_refused_by_its_name(string assignments, string message)
    {
        var (exitCode, _, error) = await RunAsync([.. assignments.Split(",rbac").Select((part, i) => i == 0 ? part : $"rbac{part}").SelectMany(part => new[] { "--set", part })]);

        Assert.Equal(1, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("metrics.podMonitor.enabled=true", "assumePrometheusOperator")]
    [InlineData("alerts.enabled=true", "assumePrometheusOperator")]
    public async Task What_needs_the_Prometheus_operator_says_so_where_it_is_not(string assignment, string message)
    {
        var (exitCode, _, error) = await RunAsync("--set", assignment);
        Assert.Equal(1, exitCode);
        Assert.Contains(message, error, StringComparison.Ordinal);

        var (present, _, _) = await RunAsync("--set", assignment, "--api-versions", "monitoring.coreos.com/v1");
        Assert.Equal(0, present);
    }

    [Fact]
    public void What_a_template_reads_is_a_value()
    {
        var values = ChartValue.Json;
        var read = Directory.GetFiles(ChartValue.FilePath("templates")).SelectMany(file => Read().Matches(File.ReadAllText(file))).ToList();

        Assert.NotEmpty(read);
        Assert.All(read, match => Assert.True(Has(values, match.Groups[1].Value.Split('.')), match.Value));
    }

    [Fact]
    public void The_schema_knows_the_values_and_no_others()
    {
        var schema = JsonNode.Parse(File.ReadAllText(ChartValue.FilePath("values.schema.json")))!;

        Assert.Equal(Leaves("", ChartValue.Json).Order(), Properties("", schema, schema).Where(path => path != "global").Order());
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params IReadOnlyList<string> options) =>
        Testing.Chart.RunAsync(CancellationToken, ["template", Testing.Chart.Release, .. options]);

    private static bool Has(JsonNode? node, IEnumerable<string> path) =>
        path.All(key => node is JsonObject fields && fields.ContainsKey(key) && ((node = fields[key]) is var _));

    // Maps whose keys are the user's own end where the schema says so: it is asked in the other direction.
    private static IEnumerable<string> Leaves(string path, JsonNode? node) =>
        node is JsonObject { Count: > 0 } fields && !IsFree(path) ? fields.SelectMany(field => Leaves(Below(path, field.Key), field.Value)) : [path];

    private static bool IsFree(string path) => path is "resources.requests" or "resources.limits" or "dashboard.labels";

    private static IEnumerable<string> Properties(string path, JsonNode schema, JsonNode root)
    {
        var target = (string?)schema["$ref"] is { } reference ? root["definitions"]![reference.Split('/')[^1]]! : schema;
        return target["properties"] is JsonObject properties
            ? properties.SelectMany(property => Properties(Below(path, property.Key), property.Value!, root))
            : [path];
    }

    private static string Below(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    [GeneratedRegex(@"\.Values\.([A-Za-z.]+[A-Za-z])")]
    private static partial Regex Read();
}
