using System.Text.Json.Nodes;
using Octopoid.Cli.Commands;
using Octopoid.Cli.Output;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Cli.Tests.Migration;

/// <summary>Runs <c>migrate</c> as its command line does.</summary>
internal static class MigrateCommandLine
{
    public const string Image = "registry.example/agent:1";

    /// <summary>The kept projects, one of each format.</summary>
    public static string Case(string name) => Path.Combine(AppContext.BaseDirectory, "Migration", "Cases", name);

    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var environment = new CommandLineEnvironment(new Screen(output, width: null, hasColors: false), output, error, TextReader.Null, TimeProvider.System);
        var exitCode = await CommandLine.RunAsync(["migrate", "--image", Image, .. arguments], environment, TestContext.Current.CancellationToken);
        return (exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The objects of a migration.</summary>
    public static async Task<IReadOnlyList<JsonObject>> ObjectsAsync(params string[] arguments)
    {
        var (exitCode, output, error) = await RunAsync([.. arguments, "-o", "json"]);
        Assert.True(exitCode == 0, error);
        return Objects(output);
    }

    public static IReadOnlyList<JsonObject> Objects(string list) => [.. JsonNode.Parse(list)!["items"]!.AsArray().Select(item => item!.AsObject())];

    public static IReadOnlyList<T> Of<T>(IEnumerable<JsonObject> objects, string kind, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> json) =>
        [.. objects.Where(item => (string?)item["kind"] == kind).Select(item => System.Text.Json.JsonSerializer.Deserialize(item, json)!)];

    public static IReadOnlyList<AgentBlueprint> Blueprints(IEnumerable<JsonObject> objects) => Of(objects, AgentBlueprint.KindName, KindsJson.Default.AgentBlueprint);

    /// <summary>A project of one <c>agents.yaml</c>.</summary>
    public static TemporaryFolder Project(string agents)
    {
        var folder = new TemporaryFolder("migrate-");
        File.WriteAllText(folder.Combine("agents.yaml"), agents);
        return folder;
    }
}
