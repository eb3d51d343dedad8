using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>Where forges' webhooks come in.</summary>
public sealed class WebhookTests
{
    private const string Name = "octopoid-operator-webhooks";

    private static readonly string[] Enabled = ["--set", "webhooks.enabled=true", "--set", "webhooks.secretName=hooks"];

    private static readonly string[] WithIngress =
        [.. Enabled, "--set", "webhooks.ingress.enabled=true", "--set", "webhooks.ingress.host=hooks.example", "--set", "webhooks.ingress.tlsSecretName=tls", "--set", "webhooks.ingress.className=public"];

    [Fact]
    public async Task By_default_nothing_listens_for_them()
    {
        var objects = await Manifests.RenderAsync();
        var container = objects.One("Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!;

        Assert.Empty(objects.OfKind("Service"));
        Assert.Empty(objects.OfKind("Ingress"));
        Assert.Single(container["ports"]!.AsArray());
        Assert.DoesNotContain(container["env"]!.AsArray(), pair => ((string)pair!["name"]!).Contains("WEBHOOK", StringComparison.Ordinal));
        Assert.Single(objects.One("NetworkPolicy")["spec"]!["ingress"]!.AsArray());
    }

    [Fact]
    public async Task The_way_leads_from_the_Ingress_to_a_port_of_its_own_and_no_further()
    {
        var objects = await Manifests.RenderAsync(WithIngress);
        var (ingress, service, pod) = (objects.One("Ingress", Name), objects.One("Service", Name), objects.One("Deployment")["spec"]!["template"]!);
        var path = Assert.Single(Assert.Single(ingress["spec"]!["rules"]!.AsArray())!["http"]!["paths"]!.AsArray())!;
        var port = Assert.Single(service["spec"]!["ports"]!.AsArray())!;

        Assert.Equal("public", (string)ingress["spec"]!["ingressClassName"]!);
        Assert.Equal("""[{"hosts":["hooks.example"],"secretName":"tls"}]""", ingress["spec"]!["tls"]!.ToJsonString());
        Assert.Equal(("/webhooks", "Prefix"), ((string)path["path"]!, (string)path["pathType"]!));
        Assert.Equal((string)service["metadata"]!["name"]!, (string)path["backend"]!["service"]!["name"]!);
        Assert.Equal((string)port["name"]!, (string)path["backend"]!["service"]!["port"]!["name"]!);
        Assert.All(service["spec"]!["selector"]!.AsObject(), label => Assert.Equal((string)label.Value!, (string)pod["metadata"]!["labels"]![label.Key]!));
        var listens = pod["spec"]!["containers"]![0]!["ports"]!.AsArray().Single(listens => (string)listens!["name"]! == (string)port["targetPort"]!)!;
        Assert.Contains($"OCTOPOID_WEBHOOK_PORT={listens["containerPort"]}", Environment(pod));
        Assert.NotEqual("http", (string)listens["name"]!);
    }

    [Fact]
    public async Task What_forges_sign_by_is_a_file_and_no_variable_and_its_lack_stops_no_pool()
    {
        var pod = (await Manifests.RenderAsync(Enabled)).One("Deployment")["spec"]!["template"]!;
        var mount = Assert.Single(pod["spec"]!["containers"]![0]!["volumeMounts"]!.AsArray())!;
        var volume = Assert.Single(pod["spec"]!["volumes"]!.AsArray())!;

        Assert.Contains($"OCTOPOID_WEBHOOK_SECRETS={mount["mountPath"]}", Environment(pod));
        Assert.Equal((string)mount["name"]!, (string)volume["name"]!);
        Assert.Equal("""{"secretName":"hooks","optional":true}""", volume["secret"]!.ToJsonString());
        Assert.True((bool)mount["readOnly"]!);
    }

    [Fact]
    public async Task Who_may_come_is_said_for_each_port()
    {
        var ingress = (await Manifests.RenderAsync([
            .. Enabled, "--set", "webhooks.from[0].namespaceSelector.matchLabels.a=b", "--set", "networkPolicy.operator.from[0].podSelector.matchLabels.c=d"])).One("NetworkPolicy")["spec"]!["ingress"]!;

        Assert.Equal(
            """[{"ports":[{"port":"http","protocol":"TCP"}],"from":[{"podSelector":{"matchLabels":{"c":"d"}}}]},{"ports":[{"port":"webhooks","protocol":"TCP"}],"from":[{"namespaceSelector":{"matchLabels":{"a":"b"}}}]}]""",
            ingress.ToJsonString());
    }

    [Fact]
    public async Task A_pod_with_them_keeps_every_rule_of_the_restricted_profile()
    {
        var spec = (await Manifests.RenderAsync(WithIngress)).One("Deployment")["spec"]!["template"]!["spec"]!;
        Assert.All(RestrictedProfile.Rules, rule => Assert.Empty(rule.Value(spec)));
    }

    [Fact]
    public async Task The_Service_has_a_name_that_a_Service_may_have() => Assert.Equal(
        $"{new string('a', 54)}-webhooks",
        (string)(await Manifests.RenderAsync([.. Enabled, "--set", $"fullnameOverride={new string('a', 63)}"])).OfKind("Service").Single()["metadata"]!["name"]!);

    private static IEnumerable<string> Environment(JsonNode pod) => pod["spec"]!["containers"]![0]!["env"]!.AsArray().Select(pair => $"{pair!["name"]}={pair["value"]}");
}
