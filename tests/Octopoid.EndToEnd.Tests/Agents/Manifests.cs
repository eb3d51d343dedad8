using System.Text.Json.Nodes;
using Octopoid.Testing;

namespace Octopoid.EndToEnd.Tests.Agents;

/// <summary>Objects for tests whose agent is the script <c>run</c> beside this file; it says what a task's parameters can ask of it.</summary>
internal static class Manifests
{
    private const string Version = "octopoid.dev/v1alpha1";

    /// <summary>The agent's script.</summary>
    public static string Run { get; } = File.ReadAllText(RepositoryRoot.Combine("tests", "Octopoid.EndToEnd.Tests", "Agents", "run"));

    /// <summary>A blueprint named <c>implementer</c>.</summary>
    /// <param name="spec">What it has beside image and scripts, or instead of them.</param>
    /// <param name="sharedFolder">A folder of the node that its pods see as <c>/shared</c>.</param>
    public static string Blueprint(JsonObject spec, string? sharedFolder = null) => Blueprint("implementer", spec, sharedFolder);

    /// <summary>A blueprint, its role its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="spec">What it has beside image and scripts, or instead of them.</param>
    /// <param name="sharedFolder">A folder of the node that its pods see as <c>/shared</c>.</param>
    public static string Blueprint(string name, JsonObject spec, string? sharedFolder = null)
    {
        spec.TryAdd("image", ClusterFixture.AgentImage);
        if ((string?)spec["type"] != "custom")
        {
            spec.TryAdd("scripts", new JsonObject { ["inline"] = new JsonObject { ["run"] = Run } });
        }

        if (sharedFolder is not null)
        {
            spec["podTemplate"] = new JsonObject { ["spec"] = Shared(sharedFolder) };
        }

        return Object("AgentBlueprint", name, spec);
    }

    /// <summary>A flow.</summary>
    /// <param name="name">The name.</param>
    /// <param name="transitions">Its transitions, each in YAML.</param>
    public static string Flow(string name, params string[] transitions) =>
        $"{{apiVersion: {Version}, kind: AgentFlow, metadata: {{name: {name}}}, spec: {{transitions: [{string.Join(", ", transitions)}]}}}}";

    /// <summary>Reads JSON.</summary>
    public static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    /// <summary>A repository named <c>r</c>: one of <see cref="ClusterFixture.CreateRepositoryAsync"/>, seen through the shared folder.</summary>
    public static string Repository(string name) => Object("AgentRepository", "r", new() { ["url"] = $"file:///shared/repositories/{name}.git" });

    /// <summary>A task.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="parameters">What its agent does.</param>
    /// <param name="spec">The rest.</param>
    public static string Task(string name, JsonObject parameters, JsonObject? spec = null)
    {
        spec ??= [];
        spec.TryAdd("prompt", "Do as the parameters say.");
        spec["parameters"] = parameters;
        return Object("AgentTask", name, spec);
    }

    /// <summary>A task whose every attempt does the same.</summary>
    public static string Task(string name, string words, JsonObject? spec = null) => Task(name, new JsonObject { ["do"] = words }, spec);

    private static string Object(string kind, string name, JsonObject spec) => new JsonObject
    {
        ["apiVersion"] = Version, ["kind"] = kind, ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec,
    }.ToJsonString();

    private static JsonObject Shared(string folder)
    {
        static JsonArray Containers(string name) =>
            new(new JsonObject { ["name"] = name, ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "shared", ["mountPath"] = "/shared" }) });
        return new JsonObject
        {
            ["volumes"] = new JsonArray(new JsonObject { ["name"] = "shared", ["hostPath"] = new JsonObject { ["path"] = folder } }),
            ["initContainers"] = Containers("workspace"),
            ["containers"] = Containers("agent"),
        };
    }
}
