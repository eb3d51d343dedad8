using Octopoid.Testing;

namespace Octopoid.Cli.Tests.Migration;

/// <summary>A real API server takes what a migration writes.</summary>
public sealed class MigrationApplyTests(ControlPlaneFixture fixture)
{
    private readonly ControlPlane _server = fixture.ControlPlane;

    private static CancellationToken CancellationToken => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(MigrationFormatTests.Cases), MemberType = typeof(MigrationFormatTests))]
    public async Task All_manifests_apply_cleanly(string name)
    {
        var space = await _server.CreateNamespaceAsync(CancellationToken);
        await WaitForOpenApiAsync();
        var expected = Path.Combine(MigrateCommandLine.Case(name), "expected.yaml");
        await using var folder = new TemporaryFolder("migrate-");
        var (exitCode, _, error) = await MigrateCommandLine.RunAsync(MigrateCommandLine.Case(name), "-n", space, "-d", folder.Path);
        Assert.True(exitCode == 0, error);

        // There is one orchestrator for all tests here: that one is only tried.
        await RunAsync("-n", space, "apply", "--dry-run=server", "-f", expected);
        File.Delete(folder.Combine("agentorchestrator-default.yaml"));
        await RunAsync("apply", "-f", folder.Path);

        var objects = await MigrateCommandLine.ObjectsAsync(MigrateCommandLine.Case(name));
        var blueprints = MigrateCommandLine.Blueprints(objects);
        Assert.Equal(
            string.Join(' ', blueprints.OrderBy(b => b.Metadata.Name, StringComparer.Ordinal).Select(b => FormattableString.Invariant($"{b.Metadata.Name}={b.Spec.MaxInstances}"))),
            (await RunAsync("-n", space, "get", "abp", "-o", "jsonpath={range .items[*]}{.metadata.name}={.spec.maxInstances} {end}")).Trim());
        foreach (var script in objects.Where(item => (string?)item["kind"] == "ConfigMap" && item["data"]!["run"] is not null))
        {
            Assert.Equal((string?)script["data"]!["run"], await RunAsync("-n", space, "get", "configmap", (string)script["metadata"]!["name"]!, "-o", "jsonpath={.data.run}"));
        }
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var (exitCode, output) = await _server.KubectlAsync(null, CancellationToken, arguments);
        Assert.True(exitCode == 0, $"kubectl {string.Join(' ', arguments)}: {output}");
        return output;
    }

    // The server publishes what kubectl checks against a moment after it serves a resource.
    private Task WaitForOpenApiAsync() => _server.WaitUntilAsync(
        async () =>
        {
            var published = (await _server.GetAsync("/openapi/v2", CancellationToken)).Body;
            return new[] { "AgentBlueprint", "AgentFlow", "AgentRepository", "AgentOrchestrator" }.All(
                kind => published.Contains($"dev.octopoid.v1alpha1.{kind}", StringComparison.Ordinal));
        },
        "the schemas are not published",
        CancellationToken);
}
