using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>What the operator may do.</summary>
public sealed class RightsTests
{
    private static readonly string[] InNamespaces = ["--set", "watchNamespaces={work,play}"];

    [Fact]
    public async Task In_named_namespaces_nothing_is_cluster_wide_but_the_orchestrator()
    {
        var objects = await Manifests.RenderAsync([.. InNamespaces, "--set", "rbac.aggregate=false"]);

        Assert.All(Rules(objects.OfKind("ClusterRole")), rule => Assert.All(
            Strings(rule["resources"]), resource => Assert.StartsWith("agentorchestrators", resource, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task In_named_namespaces_it_has_the_rights_of_a_cluster_wide_one_there()
    {
        var clusterWide = Rules((await Manifests.RenderAsync()).OfKind("ClusterRole").Where(IsOwn));
        var objects = await Manifests.RenderAsync(InNamespaces);

        foreach (var space in new[] { "work", "play" })
        {
            var there = Rules(objects.OfKind("Role").Where(role => (string)role["metadata"]!["namespace"]! == space));
            Assert.Equal(Grants(clusterWide), Grants(there.Concat(Rules(objects.OfKind("ClusterRole").Where(IsOwn)))));
        }
    }

    [Fact]
    public async Task It_creates_the_orchestrator_only_where_the_chart_does_not()
    {
        Assert.DoesNotContain("create agentorchestrators", Grants(Rules((await Manifests.RenderAsync()).OfKind("ClusterRole"))));
        Assert.Contains("create agentorchestrators", Grants(Rules((await Manifests.RenderAsync("--set", "orchestrator.create=false")).OfKind("ClusterRole"))));
    }

    [Fact]
    public async Task Secrets_that_are_not_named_cannot_be_read()
    {
        var objects = await Manifests.RenderAsync(
            "--set", "rbac.secrets.work={app-api,lib-api}", "--set", "rbac.secrets.play={api}");

        Assert.Equal(
            ["play: get api", "work: get app-api,lib-api"],
            from role in objects.Where(item => item.Kind() is "Role" or "ClusterRole")
            from rule in role["rules"]!.AsArray()
            where Strings(rule["resources"]).Contains("secrets")
            select $"{role["metadata"]!["namespace"]}: {string.Join(',', Strings(rule["verbs"]))} {string.Join(',', Strings(rule["resourceNames"]))}");
    }

    [Fact]
    public async Task No_Secret_can_be_read_until_the_values_say_so()
    {
        Assert.DoesNotContain("get secrets", Grants(Rules(await Manifests.RenderAsync())));
        Assert.Contains("get secrets", Grants(Rules((await Manifests.RenderAsync("--set", "rbac.anySecret=true")).OfKind("ClusterRole"))));
        Assert.Equal(2, Rules((await Manifests.RenderAsync([.. InNamespaces, "--set", "rbac.anySecret=true"])).OfKind("Role"))
            .Count(rule => Strings(rule["resources"]).Contains("secrets")));
    }

    [Theory]
    [InlineData("rbac.anySecret", "--set", "rbac.anySecret=true", "--set", "rbac.secrets.work={api}")]
    [InlineData("serviceAccount.name", "--set", "serviceAccount.create=false")]
    public async Task Rights_that_cannot_be_meant_are_refused(string value, params string[] options)
    {
        var (exitCode, _, error) = await Testing.Chart.RunAsync(TestContext.Current.CancellationToken, ["template", Testing.Chart.Release, .. options]);

        Assert.Equal(1, exitCode);
        Assert.Contains(value, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rights_are_given_to_an_account_that_is_there_already()
    {
        var objects = await Manifests.RenderAsync("--set", "serviceAccount.create=false", "--set", "serviceAccount.name=ours");

        Assert.Empty(objects.OfKind("ServiceAccount"));
        Assert.Equal("ours", (string)objects.One("ClusterRoleBinding")["subjects"]![0]!["name"]!);
        Assert.Equal("ours", (string)objects.One("Deployment")["spec"]!["template"]!["spec"]!["serviceAccountName"]!);
    }

    [Fact]
    public async Task No_right_is_a_wildcard() =>
        Assert.DoesNotContain(Rules(await Manifests.RenderAsync()), rule => rule.ToJsonString().Contains('*'));

    [Fact]
    public async Task Every_binding_is_of_a_role_that_is_there_and_of_the_operators_account()
    {
        var objects = await Manifests.RenderAsync(InNamespaces);

        Assert.All(objects.Where(item => item.Kind() is "RoleBinding" or "ClusterRoleBinding"), binding =>
        {
            Assert.Contains(objects, role => role.Kind() == (string)binding["roleRef"]!["kind"]!
                && (string)role["metadata"]!["name"]! == (string)binding["roleRef"]!["name"]!
                && (string?)role["metadata"]!["namespace"] == (string?)binding["metadata"]!["namespace"]);
            Assert.Equal("octopoid-operator/octopoid-system", $"{binding["subjects"]![0]!["name"]}/{binding["subjects"]![0]!["namespace"]}");
        });
    }

    private static bool IsOwn(JsonNode role) => (string)role["metadata"]!["name"]! == "octopoid-operator";

    private static IEnumerable<JsonNode> Rules(IEnumerable<JsonNode> objects) =>
        objects.Where(item => item.Kind() is "Role" or "ClusterRole").SelectMany(role => role["rules"]!.AsArray().Select(rule => rule!));

    private static SortedSet<string> Grants(IEnumerable<JsonNode> rules) =>
    [
        .. from rule in rules
           from verb in Strings(rule["verbs"])
           from resource in Strings(rule["resources"])
           select $"{verb} {resource}",
    ];

    private static IEnumerable<string> Strings(JsonNode? list) => list?.AsArray().Select(item => (string)item!) ?? [];
}
