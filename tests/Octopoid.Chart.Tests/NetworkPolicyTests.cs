using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>Who may talk to whom.</summary>
public sealed class NetworkPolicyTests
{
    [Fact]
    public async Task By_default_the_operator_is_reached_at_its_port_alone_and_reaches_everything()
    {
        var spec = (await Manifests.RenderAsync()).One("NetworkPolicy")["spec"]!;

        Assert.Equal("""["Ingress"]""", spec["policyTypes"]!.ToJsonString());
        Assert.Equal("""[{"ports":[{"port":"http","protocol":"TCP"}]}]""", spec["ingress"]!.ToJsonString());
    }

    [Fact]
    public async Task Agents_reach_neither_metadata_nor_the_API_server_and_nobody_reaches_them()
    {
        var objects = await Manifests.RenderAsync(
            "--set", "networkPolicy.agents.namespaces={work,play}", "--set", "networkPolicy.agents.apiServerCidrs={10.96.0.1/32,fd00::1/128}");
        var policies = objects.OfKind("NetworkPolicy").Where(policy => (string)policy["metadata"]!["name"]! == "octopoid-operator-agents").ToList();

        Assert.Equal(["work", "play"], policies.Select(policy => (string)policy["metadata"]!["namespace"]!));
        Assert.All(policies.Select(policy => policy["spec"]!), spec =>
        {
            Assert.Equal("""{"matchLabels":{"octopoid.dev/managed":"true"}}""", spec["podSelector"]!.ToJsonString());
            Assert.Equal("""["Ingress","Egress"]""", spec["policyTypes"]!.ToJsonString());
            Assert.Null(spec["ingress"]);
            Assert.Equal(
                """[{"ipBlock":{"cidr":"0.0.0.0/0","except":["169.254.0.0/16","168.63.129.16/32","100.100.100.200/32","10.96.0.1/32"]}},{"ipBlock":{"cidr":"::/0","except":["fd00:ec2::254/128","fd00:ec2::23/128","fd00::1/128"]}}]""",
                spec["egress"]![1]!["to"]!.ToJsonString());
            Assert.Null(spec["egress"]![1]!["ports"]);
            // A node's own DNS cache is at a link-local address, which the other rule closes.
            Assert.Equal("""{"ports":[{"port":53,"protocol":"UDP"},{"port":53,"protocol":"TCP"}]}""", spec["egress"]![0]!.ToJsonString());
        });
    }

    [Fact]
    public async Task Agents_are_known_by_the_label_that_the_operator_gives_them()
    {
        var source = await File.ReadAllTextAsync(
            RepositoryRoot.Combine("tests", "Octopoid.Operator.Tests", "Jobs", "Cases", "custom-without-repository", "job.json"),
            TestContext.Current.CancellationToken);
        var labels = JsonNode.Parse(source)!["spec"]!["template"]!["metadata"]!["labels"]!;

        Assert.Equal("true", (string)labels["octopoid.dev/managed"]!);
    }

    [Fact]
    public async Task Where_egress_is_limited_the_operator_reaches_DNS_the_API_server_and_forges()
    {
        var egress = await EgressAsync();

        Assert.Equal([53, 53, 443, 6443], egress.SelectMany(rule => rule!["ports"]!.AsArray()).Select(port => (int)port!["port"]!));
        Assert.All(egress, rule => Assert.Null(rule!["to"]));
    }

    [Fact]
    public async Task Where_addresses_are_said_the_operator_reaches_these_alone() => Assert.Equal(
        """[{"ipBlock":{"cidr":"192.0.2.0/24"}}]""",
        (await EgressAsync("--set", "networkPolicy.operator.egress.cidrs={192.0.2.0/24}"))[1]!["to"]!.ToJsonString());

    private static async Task<JsonArray> EgressAsync(params IReadOnlyList<string> options) =>
        (await Manifests.RenderAsync(["--set", "networkPolicy.operator.egress.enabled=true", .. options])).One("NetworkPolicy")["spec"]!["egress"]!.AsArray();
}
