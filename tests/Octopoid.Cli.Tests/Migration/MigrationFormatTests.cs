using System.Text.Json.Nodes;
using Octopoid.Cli.Migration;
using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Cli.Tests.Migration;

/// <summary>Each format that existed, against what is kept beside it.</summary>
public sealed class MigrationFormatTests
{
    public static TheoryData<string> Cases => ["named-list", "fleet", "blueprint-map", "folders"];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Each_format_gives_its_manifests_and_its_report(string name)
    {
        var folder = MigrateCommandLine.Case(name);

        var (exitCode, output, error) = await MigrateCommandLine.RunAsync(folder);

        Assert.Equal(0, exitCode);
        Assert.Equal(await KeptAsync("expected.yaml"), output);
        Assert.Equal(await KeptAsync("expected.report"), error.Replace($"{folder}/", "", StringComparison.Ordinal));

        Task<string> KeptAsync(string file) => File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task What_is_written_is_read_back_and_breaks_no_rule(string name)
    {
        var objects = await MigrateCommandLine.ObjectsAsync(MigrateCommandLine.Case(name));

        var blueprints = MigrateCommandLine.Blueprints(objects);
        var flows = MigrateCommandLine.Of(objects, AgentFlow.KindName, KindsJson.Default.AgentFlow);
        Assert.NotEmpty(blueprints);
        Assert.NotEmpty(flows);
        Assert.All(blueprints, blueprint => Assert.Null(BlueprintRules.Violation(blueprint)));
        Assert.All(flows, flow => Assert.Null(FlowRules.Violation(flow.Spec)));
        Assert.All(
            MigrateCommandLine.Of(objects, AgentRepository.KindName, KindsJson.Default.AgentRepository),
            repository => Assert.Null(RepositoryRules.Violation(repository)));
        Assert.Single(MigrateCommandLine.Of(objects, AgentOrchestrator.KindName, KindsJson.Default.AgentOrchestrator));
        Assert.All(flows.SelectMany(flow => FlowRules.Roles(flow.Spec)), role => Assert.Contains(role, blueprints.Select(BlueprintRules.Role)));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Yaml_and_json_say_the_same(string name)
    {
        var objects = await MigrateCommandLine.ObjectsAsync(MigrateCommandLine.Case(name));
        var (_, output, _) = await MigrateCommandLine.RunAsync(MigrateCommandLine.Case(name));

        var documents = output.Split("---\n").Select(document => Json(LegacyYaml.Parse("out.yaml", document)).ToJsonString());

        Assert.Equal(objects.Select(manifest => Words(manifest)!.ToJsonString()), documents);
    }

    [Fact]
    public async Task The_list_and_the_map_give_the_same_blueprints()
    {
        await using var list = MigrateCommandLine.Project("""
            agents:
              - {name: implementer-1, role: implementer, model: sonnet, max_turns: 150}
              - {name: implementer-2, role: implementer, model: sonnet, max_turns: 150}
              - {name: gatekeeper, role: gatekeeper, claim_from: provisional}
            """);
        await using var map = MigrateCommandLine.Project("""
            agents:
              implementer: {role: implementer, model: sonnet, max_turns: 150, max_instances: 2}
              gatekeeper: {role: gatekeeper, claim_from: provisional}
            """);

        var ofList = await MigrateCommandLine.ObjectsAsync(list.Path);
        var ofMap = await MigrateCommandLine.ObjectsAsync(map.Path);

        Assert.Equal(ofMap.Select(item => item.ToJsonString()), ofList.Select(item => item.ToJsonString()));
        Assert.Equal([2, 1], MigrateCommandLine.Blueprints(ofList).Select(blueprint => blueprint.Spec.MaxInstances));
    }

    [Fact]
    public async Task A_project_its_folder_and_its_file_give_the_same()
    {
        var root = await MigrateCommandLine.ObjectsAsync(MigrateCommandLine.Case("fleet"));
        var folder = await MigrateCommandLine.ObjectsAsync(Path.Combine(MigrateCommandLine.Case("fleet"), ".octopoid"));
        var file = await MigrateCommandLine.ObjectsAsync(Path.Combine(MigrateCommandLine.Case("fleet"), ".octopoid", "agents.yaml"));

        Assert.Equal(root.Select(item => item.ToJsonString()), folder.Select(item => item.ToJsonString()));
        Assert.Equal(root.Select(item => item.ToJsonString()), file.Select(item => item.ToJsonString()));
    }

    [Fact]
    public async Task A_namespace_is_written_into_all_but_the_orchestrator()
    {
        var objects = await MigrateCommandLine.ObjectsAsync(MigrateCommandLine.Case("folders"), "-n", "blog");

        Assert.All(objects, item => Assert.Equal((string?)item["kind"] == "AgentOrchestrator" ? null : "blog", (string?)item["metadata"]!["namespace"]));
    }

    /// <summary>JSON with every value as its text, for that is all that a reader of nodes knows.</summary>
    private static JsonNode? Words(JsonNode? node) => node switch
    {
        JsonObject fields => new JsonObject(fields.Select(field => KeyValuePair.Create(field.Key, Words(field.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Words)]),
        _ => JsonValue.Create(node!.ToString()),
    };

    private static JsonNode Json(LegacyNode node) => node switch
    {
        LegacyMap map => new JsonObject(map.Fields.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)Json(field.Value)))),
        LegacyList list => new JsonArray([.. list.Items.Select(Json)]),
        _ => JsonValue.Create(((LegacyScalar)node).Text),
    };
}
