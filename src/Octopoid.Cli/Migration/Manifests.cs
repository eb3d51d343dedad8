using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Octopoid.Cli.Output;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Migration;

/// <summary>The objects of a migration as <c>kubectl apply</c> takes them: without what is a default anyway.</summary>
internal static class Manifests
{
    /// <summary>A blueprint, and its ConfigMap before it.</summary>
    public static IEnumerable<JsonObject> Of(ConvertedAgent agent, string? space)
    {
        if (agent.Files.Count > 0)
        {
            yield return new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = Metadata(agent.Blueprint.Spec.Scripts!.ConfigMapName!, space),
                ["data"] = new JsonObject(agent.Files.Select(file => KeyValuePair.Create(file.Key, (JsonNode?)file.Value))),
            };
        }

        yield return Of(agent.Blueprint, KindsJson.Default.AgentBlueprint, new AgentBlueprint(), space, "maxInstances");
    }

    public static JsonObject Of(AgentFlow flow, string? space) => Of(flow, KindsJson.Default.AgentFlow, new AgentFlow(), space);

    public static JsonObject Of(AgentRepository repository, string? space) => Of(repository, KindsJson.Default.AgentRepository, new AgentRepository(), space, "baseBranch");

    public static JsonObject Of(AgentOrchestrator orchestrator) =>
        Of(orchestrator, KindsJson.Default.AgentOrchestrator, new AgentOrchestrator(), null, "maxConcurrent", "maxOpenPRs");

    /// <summary>Writes them as one stream.</summary>
    public static void Write(TextWriter output, OutputFormat format, IReadOnlyList<JsonObject> manifests)
    {
        if (format == OutputFormat.Json)
        {
            var list = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = new JsonArray([.. manifests.Select(manifest => manifest.DeepClone())]) };
            Documents.Write(output, format, list, CliJson.Default.JsonObject);
            return;
        }

        foreach (var (i, manifest) in manifests.Index())
        {
            if (i > 0)
            {
                output.WriteLine("---");
            }

            Documents.Write(output, format, manifest, CliJson.Default.JsonObject);
        }
    }

    /// <summary>Writes each into a file of its own; what is there already stays, unless told otherwise.</summary>
    public static void Write(string folder, OutputFormat format, IReadOnlyList<JsonObject> manifests, bool isForced)
    {
        var files = manifests.Select(manifest => (Path: Path.Combine(folder, FileName(manifest, format)), Manifest: manifest)).ToList();
        if (!isForced && files.FirstOrDefault(file => Path.Exists(file.Path)).Path is { } existing)
        {
            throw new CliException($"{existing}: the file exists. Nothing was written; --force overwrites.");
        }

        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (path, manifest) in files)
            {
                using var output = new StreamWriter(path, append: false);
                Documents.Write(output, format, manifest, CliJson.Default.JsonObject);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"{folder}: the manifests cannot be written: {e.Message}", e);
        }
    }

    private static string FileName(JsonObject manifest, OutputFormat format) =>
        $"{manifest["kind"]!.GetValue<string>().ToLowerInvariant()}-{manifest["metadata"]!["name"]!.GetValue<string>()}.{(format == OutputFormat.Json ? "json" : "yaml")}";

    private static JsonObject Metadata(string name, string? space)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (space is not null)
        {
            metadata["namespace"] = space;
        }

        return metadata;
    }

    private static JsonObject Of<T>(T value, JsonTypeInfo<T> json, T defaults, string? space, params ReadOnlySpan<string> always)
    {
        var manifest = JsonSerializer.SerializeToNode(value, json)!.AsObject();
        var spec = manifest["spec"]!.AsObject();
        var usual = JsonSerializer.SerializeToNode(defaults, json)!["spec"]!.AsObject();
        foreach (var name in spec.Select(field => field.Key).ToList())
        {
            if (!always.Contains(name) && JsonNode.DeepEquals(spec[name], usual[name]))
            {
                spec.Remove(name);
            }
        }

        return new JsonObject
        {
            ["apiVersion"] = manifest["apiVersion"]!.DeepClone(),
            ["kind"] = manifest["kind"]!.DeepClone(),
            ["metadata"] = Metadata(manifest["metadata"]!["name"]!.GetValue<string>(), space),
            ["spec"] = spec.DeepClone(),
        };
    }
}
