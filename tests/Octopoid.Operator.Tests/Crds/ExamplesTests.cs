using System.Text.RegularExpressions;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Crds;

/// <summary>The examples that people apply: a real API server takes each as it is.</summary>
public sealed partial class ExamplesTests(ControlPlaneFixture fixture)
{
    private const string DemoNamespace = "octopoid-demo";

    public static TheoryData<string> Manifests() => [.. Files("*.yaml")];

    public static TheoryData<string> Dockerfiles() => [.. Files("Dockerfile")];

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Manifests))]
    public async Task The_server_takes_an_example(string file)
    {
        await WaitForOpenApiAsync();
        var text = Read(file).Replace("@SHARED@", "/shared", StringComparison.Ordinal);
        var space = text.Contains($"namespace: {DemoNamespace}", StringComparison.Ordinal)
            ? await DemoNamespaceAsync()
            : await fixture.ControlPlane.CreateNamespaceAsync(CancellationToken);

        var (exitCode, output) = await fixture.ControlPlane.KubectlAsync(text, CancellationToken, "-n", space, "apply", "--dry-run=server", "-f", "-");

        Assert.True(exitCode == 0, output);
        var objects = text.Split('\n').Count(line => line.StartsWith("kind: ", StringComparison.Ordinal));
        Assert.Equal(objects, output.Split('\n').Count(line => line.EndsWith("(server dry run)", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_server_refuses_an_example_with_a_wrong_key()
    {
        await WaitForOpenApiAsync();
        var text = Read("claude-code/blueprint.yaml").Replace("maxInstances:", "maxInstance:", StringComparison.Ordinal);
        var space = await fixture.ControlPlane.CreateNamespaceAsync(CancellationToken);

        var (exitCode, output) = await fixture.ControlPlane.KubectlAsync(text, CancellationToken, "-n", space, "apply", "--dry-run=server", "-f", "-");

        Assert.NotEqual(0, exitCode);
        Assert.Contains("maxInstance", output, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Manifests))]
    public void No_example_holds_a_secret(string file) =>
        Assert.DoesNotMatch(@"(?m)^kind: Secret\b|\b(data|stringData):|\bname: \w*(KEY|TOKEN|PASSWORD)\w*,? *\n? *value: ", Read(file));

    [Theory, MemberData(nameof(Dockerfiles))]
    public void An_image_is_pinned_and_runs_as_the_agents_user(string file)
    {
        var text = Read(file);

        Assert.Matches(@"(?m)^FROM [a-z]+:\d+\.\d+\.\d+(-[a-z-]+)?$", text);
        Assert.All(NpmPackage().Matches(text), package => Assert.Matches(@"@\d+\.\d+\.\d+$", package.Value));
        Assert.EndsWith("USER 65532:65532\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude-code", "@anthropic-ai/claude-code")]
    [InlineData("codex", "@openai/codex")]
    public void The_tag_of_an_image_is_the_version_of_what_it_brings(string folder, string package)
    {
        var version = Regex.Match(Read($"{folder}/Dockerfile"), $@"{Regex.Escape(package)}@(\S+)").Groups[1].Value;

        Assert.NotEmpty(version);
        Assert.Contains($"image: registry.example/{folder}:{version}\n", Read($"{folder}/blueprint.yaml"), StringComparison.Ordinal);
        Assert.Contains($"docker push registry.example/{folder}:{version}\n", Read($"{folder}/README.md"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude-code")]
    [InlineData("codex")]
    [InlineData("plain-script")]
    public void What_a_blueprint_refers_to_is_made_as_its_page_says(string folder)
    {
        var references = Reference().Matches(Read($"{folder}/blueprint.yaml")).Select(match => match.Groups[1].Value).ToList();

        Assert.NotEmpty(references);
        Assert.All(references, name => Assert.Matches($@"(?m)^kubectl create (secret generic|configmap) {name} --from-file=", Read($"{folder}/README.md")));
    }

    private static IEnumerable<string> Files(string pattern)
    {
        var root = RepositoryRoot.Combine("examples");
        return Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories).Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal);
    }

    private static string Read(string file) => File.ReadAllText(RepositoryRoot.Combine("examples", file));

    private async Task<string> DemoNamespaceAsync()
    {
        await fixture.ControlPlane.KubectlAsync(null, CancellationToken, "create", "namespace", DemoNamespace); // the second to ask is told that it is there
        return DemoNamespace;
    }

    // Before that kubectl knows no keys to check against.
    private Task WaitForOpenApiAsync() => fixture.ControlPlane.WaitUntilAsync(
        async () =>
        {
            var published = (await fixture.ControlPlane.GetAsync("/openapi/v2", CancellationToken)).Body;
            return new[] { "AgentBlueprint", "AgentTask", "AgentFlow", "AgentRepository", "AgentOrchestrator" }.All(
                kind => published.Contains($"dev.octopoid.v1alpha1.{kind}", StringComparison.Ordinal));
        },
        "the schemas are not published",
        CancellationToken);

    [GeneratedRegex(@"(?<=npm install --global )\S+")]
    private static partial Regex NpmPackage();

    [GeneratedRegex(@"(?:secretKeyRef: \{|secretRef: \{)name: ([a-z-]+)|configMapName: (?<1>[a-z-]+)")]
    private static partial Regex Reference();
}
