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
        ["strategy"] = ".type=Recreate",
        ["revisionHistoryLimit"] = "=7",
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
        ["rbac.secrets"] = ".work={other}",
        ["rbac.anySecret"] = "=true",
        ["webhooks.enabled"] = "=false,webhooks.ingress.enabled=false",
        ["webhooks.secretName"] = "=other",
        ["webhooks.from"] = "[0].podSelector.matchLabels.a=b",
        ["webhooks.service.type"] = "=NodePort",
        ["webhooks.service.port"] = "=8888",
        ["webhooks.service.annotations"] = ".a=b",
        ["webhooks.ingress.enabled"] = "=false",
        ["webhooks.ingress.className"] = "=other",
        ["webhooks.ingress.host"] = "=other",
        ["webhooks.ingress.tlsSecretName"] = "=other",
        ["webhooks.ingress.annotations"] = ".a=b",
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
        ["resourceQuotas"] = ".work.pods=7",
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
        ["alerts.noPool"] = ".for=7m",
        ["alerts.writesRefused"] = ".for=7m",
        ["alerts.informerNotSynced"] = ".for=7m",
        ["alerts.quotaLow"] = ".below=1",
        ["alerts.apiSlow"] = ".seconds=7",
        ["dashboard.enabled"] = "=false",
        ["dashboard.labels"] = ".a=b",
        ["dashboard.annotations"] = ".a=b",
    };

    public static TheoryData<string> Values => [.. ChartValue.All.Select(value => value.Path)];

    public static TheoryData<string> Paths => [.. All("", ChartValue.Json).Where(path => path.Length > 0)];

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

    // Helm's validators differ in their words, from version to version: where it is and what it is called are in all of them.
    [Theory]
    [InlineData("replica=2", "replica")]
    [InlineData("image.name=a", "image", "name")]
    [InlineData("image.repository=registry.example:5000/octopoid-operator:0.1.0", "image.repository")]
    [InlineData("image.tag=latest", "image.tag")]
    [InlineData("image.digest=sha256:1", "image.digest")]
    [InlineData("image.pullPolicy=Sometimes", "image.pullPolicy")]
    [InlineData("nameOverride=Pool", "nameOverride")]
    [InlineData("fullnameOverride=my.pool", "fullnameOverride")]
    [InlineData("replicas=0", "replicas")]
    [InlineData("replicas=two", "replicas")]
    [InlineData("strategy.type=OnDelete", "strategy.type")]
    [InlineData("strategy.rollingUpdate.maxSurge=half", "strategy.rollingUpdate.maxSurge")]
    [InlineData("strategy.rollingUpdate.maxSurge=0", "strategy.rollingUpdate")]
    [InlineData("commonLabels.team=the best", "commonLabels.team")]
    [InlineData("podLabels.team=a/b", "podLabels.team")]
    [InlineData("revisionHistoryLimit=-1", "revisionHistoryLimit")]
    [InlineData("leaseSeconds=2", "leaseSeconds")]
    [InlineData("leaseSeconds=3601", "leaseSeconds")]
    [InlineData("log.level=loud", "log.level")]
    [InlineData("log.format=xml", "log.format")]
    [InlineData("watchNamespaces={Work}", "watchNamespaces.0")]
    [InlineData("watchNamespaces={work,work}", "watchNamespaces")]
    [InlineData("otlpEndpoint=collector:4317", "otlpEndpoint")]
    [InlineData("orchestrator.maxConcurrent=-1", "orchestrator.maxConcurrent")]
    [InlineData("orchestrator.maxConcurrent=100001", "orchestrator.maxConcurrent")]
    [InlineData("orchestrator.startFailureThreshold=0", "orchestrator.startFailureThreshold")]
    [InlineData("orchestrator.retention.jobSeconds=-1", "orchestrator.retention.jobSeconds")]
    [InlineData("orchestrator.limit=1", "orchestrator", "limit")]
    [InlineData("serviceAccount.name=a_b", "serviceAccount.name")]
    [InlineData("rbac.secrets.any=true", "rbac.secrets.any")]
    [InlineData("rbac.secrets.work={}", "rbac.secrets.work")]
    [InlineData("rbac.secrets.work={App}", "rbac.secrets.work.0")]
    [InlineData("rbac.secrets.Work={app}", "rbac.secrets", "Work")]
    [InlineData("webhooks.enabled=true", "webhooks.secretName")]
    [InlineData("webhooks.enabled=true,webhooks.secretName=Webhooks", "webhooks.secretName")]
    [InlineData("webhooks.ingress.enabled=true,webhooks.ingress.host=a.example", "webhooks.enabled")]
    [InlineData("webhooks.enabled=true,webhooks.secretName=s,webhooks.ingress.enabled=true", "webhooks.ingress.host")]
    [InlineData("webhooks.enabled=true,webhooks.secretName=s,webhooks.ingress.enabled=true,webhooks.ingress.host=https://a.example", "webhooks.ingress.host")]
    [InlineData("webhooks.service.type=ExternalName", "webhooks.service.type")]
    [InlineData("extraEnv[0].name=PORT,extraEnv[0].value=80", "extraEnv.0.value")]
    [InlineData("extraEnv[0].name=ASPNETCORE_URLS,extraEnv[0].value=a", "extraEnv.0.name")]
    [InlineData("extraEnv[0].name=OCTOPOID_LOG_LEVEL,extraEnv[0].value=a", "extraEnv.0.name")]
    [InlineData("extraEnv[0].name=OCTOPOID_CREATE_ORCHESTRATOR,extraEnv[0].value=a", "OCTOPOID_CREATE_ORCHESTRATOR", "orchestrator.create")]
    [InlineData("otlpEndpoint=http://a,extraEnv[0].name=OTEL_EXPORTER_OTLP_ENDPOINT,extraEnv[0].value=a", "otlpEndpoint")]
    [InlineData("networkPolicy.agents.blockedCidrs={10.0.0.1}", "networkPolicy.agents.blockedCidrs.0")]
    [InlineData("networkPolicy.agents.blockedCidrs={999.9.9.9/8}", "networkPolicy.agents.blockedCidrs.0")]
    [InlineData("networkPolicy.agents.blockedCidrs={10.0.0.0/33}", "networkPolicy.agents.blockedCidrs.0")]
    [InlineData("networkPolicy.agents.blockedCidrs={0.0.0.0/0}", "networkPolicy.agents.blockedCidrs.0")]
    [InlineData("networkPolicy.agents.apiServerCidrs={::/0}", "networkPolicy.agents.apiServerCidrs.0")]
    [InlineData("networkPolicy.operator.egress.ports={70000}", "networkPolicy.operator.egress.ports.0")]
    [InlineData("resourceQuotas[0].namespace=work", "resourceQuotas")]
    [InlineData("resourceQuotas.work.pods.max=3", "resourceQuotas.work.pods")]
    [InlineData("metrics.podMonitor.interval=2m", "metrics.podMonitor.interval")]
    [InlineData("metrics.podMonitor.interval=often", "metrics.podMonitor.interval")]
    [InlineData("alerts.quotaLow.below=2", "alerts.quotaLow.below")]
    [InlineData("alerts.gateClosed.for=long", "alerts.gateClosed.for")]
    [InlineData("alerts.gateClosed.for=0m", "alerts.gateClosed.for")]
    [InlineData("alerts.gateClosed.for=1h30m", "alerts.gateClosed.for")]
    [InlineData("alerts.ledgerDrift.within=0s", "alerts.ledgerDrift.within")]
    [InlineData("alerts.noLeader.threshold=1", "alerts.noLeader", "threshold")]
    [InlineData("alerts.noLeader.severity=null", "alerts.noLeader", "severity")]
    [InlineData("image=null", "image")]
    [InlineData(@"podLabels.app\.kubernetes\.io/name=other", "podLabels")]
    public async Task A_wrong_value_is_refused_by_its_name(string assignments, params string[] names)
    {
        var (exitCode, _, error) = await RunAsync([.. assignments.Split(',').Aggregate(new List<string>(), Whole).SelectMany(assignment => (string[])["--set", assignment])]);

        Assert.Equal(1, exitCode);
        Assert.All(names, name => Assert.Matches($@"\b{Regex.Escape(name)}\b", error.Replace('/', '.')));
    }

    // A null takes a default away: a template that stumbles over that says so in Go's words.
    [Theory, MemberData(nameof(Paths))]
    public async Task A_value_that_is_taken_away_is_not_missed_or_refused_by_its_name(string path)
    {
        var (exitCode, _, error) = await RunAsync("-f", Everything, "--set", $"{path}=null");

        Assert.True(exitCode == 0 || (error.Contains("schema", StringComparison.Ordinal) && error.Contains(path.Split('.')[^1], StringComparison.Ordinal)), error);
    }

    [Theory]
    [InlineData("image.repository=registry.example:5000/octopoid-operator")]
    [InlineData("strategy.rollingUpdate.maxUnavailable=1,strategy.rollingUpdate.maxSurge=0")]
    [InlineData("networkPolicy.operator.egress.enabled=true,networkPolicy.operator.egress.cidrs={0.0.0.0/0}")]
    [InlineData("orchestrator.create=false,extraEnv[0].name=OCTOPOID_CREATE_ORCHESTRATOR")]
    [InlineData("extraEnv[0].name=OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("networkPolicy.agents.blockedCidrs={10.0.0.0/8},networkPolicy.agents.apiServerCidrs={fd00::1/128}")]
    public async Task A_value_at_the_edge_is_taken(string assignments)
    {
        var (exitCode, _, error) = await RunAsync([.. assignments.Split(',').SelectMany(assignment => (string[])["--set", assignment])]);

        Assert.True(exitCode == 0, error);
    }

    [Fact]
    public async Task A_larger_chart_may_switch_it_on_by_a_value_of_its_own() => Assert.Equal(0, (await RunAsync("--set", "enabled=true")).ExitCode);

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

        Assert.Equal(Leaves("", ChartValue.Json).Order(), Properties("", schema, schema).Where(path => path is not ("global" or "enabled")).Order());
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params IReadOnlyList<string> options) =>
        Testing.Chart.RunAsync(CancellationToken, ["template", Testing.Chart.Release, .. options]);

    private static bool Has(JsonNode? node, IEnumerable<string> path) =>
        path.All(key => node is JsonObject fields && fields.ContainsKey(key) && ((node = fields[key]) is var _));

    // Maps whose keys are the user's own end where the schema says so: it is asked in the other direction.
    private static IEnumerable<string> Leaves(string path, JsonNode? node) =>
        node is JsonObject { Count: > 0 } fields && !IsFree(path) ? fields.SelectMany(field => Leaves(Below(path, field.Key), field.Value)) : [path];

    private static bool IsFree(string path) => path is "nodeSelector" or "resources.requests" or "resources.limits" or "dashboard.labels";

    private static IEnumerable<string> Properties(string path, JsonNode schema, JsonNode root)
    {
        var target = (string?)schema["$ref"] is { } reference ? root["definitions"]![reference.Split('/')[^1]]! : schema;
        return target["properties"] is JsonObject properties
            ? properties.SelectMany(property => Properties(Below(path, property.Key), property.Value!, root))
            : [path];
    }

    // All values, and the sections that they are in.
    private static IEnumerable<string> All(string path, JsonNode? node) =>
        node is JsonObject fields && !IsFree(path) ? fields.SelectMany(field => All(Below(path, field.Key), field.Value)).Prepend(path) : [path];

    // A comma in braces is of the same assignment.
    private static List<string> Whole(List<string> assignments, string next)
    {
        if (assignments is [.., var last] && last.Contains('{', StringComparison.Ordinal) && !last.Contains('}', StringComparison.Ordinal))
        {
            assignments[^1] = $"{last},{next}";
        }
        else
        {
            assignments.Add(next);
        }

        return assignments;
    }

    private static string Below(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    [GeneratedRegex(@"\.Values\.([A-Za-z.]+[A-Za-z])")]
    private static partial Regex Read();
}
