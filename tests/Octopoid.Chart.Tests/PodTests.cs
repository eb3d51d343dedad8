using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>The operator's pod.</summary>
public sealed class PodTests
{
    public static TheoryData<string> Rules => [.. RestrictedProfile.Rules.Keys];

    [Theory, MemberData(nameof(Rules))]
    public async Task The_pod_keeps_a_rule_of_the_restricted_profile(string rule) =>
        Assert.Empty(RestrictedProfile.Rules[rule](await SpecAsync()));

    [Theory]
    [InlineData("HostProcess", "securityContext", """{"windowsOptions": {"hostProcess": true}}""")]
    [InlineData("Host Namespaces", "hostNetwork", "true")]
    [InlineData("Privileged Containers", "containers", """[{"name": "a", "securityContext": {"privileged": true}}]""")]
    [InlineData("Capabilities", "containers", """[{"name": "a", "securityContext": {"capabilities": {"drop": ["ALL"], "add": ["SYS_ADMIN"]}}}]""")]
    [InlineData("Capabilities", "initContainers", """[{"name": "a"}]""")]
    [InlineData("HostPath Volumes", "volumes", """[{"name": "a", "hostPath": {"path": "/"}}]""")]
    [InlineData("Host Ports", "containers", """[{"name": "a", "ports": [{"hostPort": 80}]}]""")]
    [InlineData("AppArmor", "securityContext", """{"appArmorProfile": {"type": "Unconfined"}}""")]
    [InlineData("SELinux", "securityContext", """{"seLinuxOptions": {"type": "spc_t"}}""")]
    [InlineData("/proc Mount Type", "containers", """[{"name": "a", "securityContext": {"procMount": "Unmasked"}}]""")]
    [InlineData("Seccomp", "securityContext", "{}")]
    [InlineData("Sysctls", "securityContext", """{"sysctls": [{"name": "kernel.msgmax"}]}""")]
    [InlineData("Volume Types", "volumes", """[{"name": "a", "nfs": {}}]""")]
    [InlineData("Privilege Escalation", "containers", """[{"name": "a"}]""")]
    [InlineData("Running as Non-root", "securityContext", "{}")]
    [InlineData("Running as Non-root user", "securityContext", """{"runAsUser": 0}""")]
    public async Task A_rule_finds_what_breaks_it(string rule, string field, string json)
    {
        var spec = await SpecAsync();
        spec[field] = JsonNode.Parse(json);

        Assert.NotEmpty(RestrictedProfile.Rules[rule](spec));
    }

    [Fact]
    public async Task The_root_file_system_is_read_only()
    {
        var container = (await SpecAsync())["containers"]![0]!;

        Assert.True((bool)container["securityContext"]!["readOnlyRootFilesystem"]!);
    }

    [Fact]
    public async Task The_user_is_the_images_so_that_a_cluster_may_choose_another()
    {
        var pod = await SpecAsync();

        Assert.All([pod["securityContext"]!, pod["containers"]![0]!["securityContext"]!], context => Assert.All(
            (string[])["runAsUser", "runAsGroup", "fsGroup", "supplementalGroups"], field => Assert.Null(context[field])));
        Assert.True((bool)pod["securityContext"]!["runAsNonRoot"]!);
        Assert.Contains(
            "\nUSER 65532:65532\n",
            await File.ReadAllTextAsync(RepositoryRoot.Combine("Dockerfile"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicas_are_spread_without_those_that_an_update_ends() => Assert.All(
        (await SpecAsync())["topologySpreadConstraints"]!.AsArray(),
        constraint => Assert.Equal("""["pod-template-hash"]""", constraint!["matchLabelKeys"]!.ToJsonString()));

    [Fact]
    public async Task A_pod_has_its_token_and_a_node_of_its_system()
    {
        var pod = await SpecAsync("--set", "nodeSelector.pool=operators");

        Assert.True((bool)pod["automountServiceAccountToken"]!);
        Assert.Equal("""{"kubernetes.io/os":"linux","pool":"operators"}""", pod["nodeSelector"]!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0},"type":"RollingUpdate"}""")]
    [InlineData("""{"rollingUpdate":{"maxSurge":"50%","maxUnavailable":0},"type":"RollingUpdate"}""", "--set", "strategy.rollingUpdate.maxSurge=50%")]
    [InlineData("""{"type":"Recreate"}""", "--set", "strategy.type=Recreate")]
    public async Task An_update_goes_as_the_values_say(string strategy, params string[] options) =>
        Assert.Equal(strategy, (await Manifests.RenderAsync(options)).One("Deployment")["spec"]!["strategy"]!.ToJsonString());

    [Fact]
    public async Task A_replica_that_is_not_ready_keeps_no_node_from_being_drained() => Assert.Equal(
        "AlwaysAllow", (string)(await Manifests.RenderAsync()).One("PodDisruptionBudget")["spec"]!["unhealthyPodEvictionPolicy"]!);

    [Fact]
    public async Task The_image_has_the_version_of_the_chart()
    {
        var version = (string)Manifests.Read(await File.ReadAllTextAsync(
            RepositoryRoot.Combine("charts", "octopoid-operator", "Chart.yaml"), TestContext.Current.CancellationToken))[0]["appVersion"]!;

        Assert.Equal($"octopoid-operator:{version}", await ImageAsync());
        Assert.Contains($"<Version>{version}</Version>", await File.ReadAllTextAsync(RepositoryRoot.Combine("Directory.Build.props"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_image_is_named_by_what_the_values_say()
    {
        var digest = $"sha256:{new string('0', 64)}";

        Assert.Equal("registry.example/o:v2", await ImageAsync("--set", "image.repository=registry.example/o", "--set", "image.tag=v2"));
        Assert.Equal($"octopoid-operator:0.1.0@{digest}", await ImageAsync("--set", $"image.digest={digest}"));
    }

    [Fact]
    public async Task An_operator_makes_the_orchestrator_only_where_the_chart_does_not()
    {
        Assert.Contains("OCTOPOID_CREATE_ORCHESTRATOR=false", await EnvironmentAsync());
        Assert.DoesNotContain(await EnvironmentAsync("--set", "orchestrator.create=false"), pair => pair.StartsWith("OCTOPOID_CREATE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_the_values_say_of_the_environment_reaches_the_operator()
    {
        var environment = await EnvironmentAsync(
            "--set", "leaseSeconds=9", "--set", "log.format=json", "--set", "log.level=debug", "--set", "watchNamespaces={a,b}",
            "--set", "otlpEndpoint=http://collector:4317", "--set", "extraEnv[0].name=HTTPS_PROXY", "--set", "extraEnv[0].value=http://p");

        Assert.All(
            [
                "OCTOPOID_LEASE_SECONDS=9", "OCTOPOID_LOG_FORMAT=json", "OCTOPOID_LOG_LEVEL=debug", "OCTOPOID_NAMESPACES=a,b",
                "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", "HTTPS_PROXY=http://p",
            ],
            (string pair) => Assert.Contains(pair, environment));
    }

    private static async Task<JsonNode> SpecAsync(params IReadOnlyList<string> options) =>
        (await Manifests.RenderAsync(options)).One("Deployment")["spec"]!["template"]!["spec"]!;

    private static async Task<string> ImageAsync(params IReadOnlyList<string> options) => (string)(await SpecAsync(options))["containers"]![0]!["image"]!;

    private static async Task<IReadOnlyList<string>> EnvironmentAsync(params IReadOnlyList<string> options) =>
        [.. (await SpecAsync(options))["containers"]![0]!["env"]!.AsArray().Select(pair => $"{pair!["name"]}={pair["value"]}")];
}
