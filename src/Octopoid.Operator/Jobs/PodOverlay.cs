using System.Text.Json;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;

namespace Octopoid.Operator.Jobs;

/// <summary>Puts the parts of a blueprint that are Kubernetes' own into the pod that we make, exactly as they are written: resources, sources of
/// variables, and over everything the <c>podTemplate</c>. Whether they make sense, the API server says.</summary>
/// <remarks>Objects are merged field by field and a null removes one. Lists whose items have names (containers, volumes, variables) are merged
/// by name, mounts by path; other lists are replaced. Our labels stand: the slot's count hangs on them.</remarks>
internal static class PodOverlay
{
    private static readonly string[] ContainerLists = ["initContainers", "containers"];

    /// <summary>Changes a pod template.</summary>
    public static void Apply(JsonObject template, AgentBlueprintSpec spec, IReadOnlyDictionary<string, string> labels)
    {
        foreach (var container in Containers(template))
        {
            if (Node(spec.Resources) is { } resources)
            {
                container["resources"] = resources;
            }

            FillSources(container, spec.Env ?? []);
        }

        if (Node(spec.PodTemplate) is { } overlay)
        {
            Merge(template, overlay);
        }

        if (template["metadata"] is not JsonObject metadata)
        {
            template["metadata"] = metadata = [];
        }

        if (metadata["labels"] is not JsonObject all)
        {
            metadata["labels"] = all = [];
        }

        foreach (var (label, value) in labels)
        {
            all[label] = value;
        }
    }

    private static IEnumerable<JsonObject> Containers(JsonObject template) =>
        ContainerLists.SelectMany(list => template["spec"]![list]?.AsArray().OfType<JsonObject>() ?? []);

    private static void FillSources(JsonObject container, IReadOnlyList<EnvironmentVariable> variables)
    {
        var made = container["env"]!.AsArray().OfType<JsonObject>().ToDictionary(variable => (string)variable["name"]!);
        foreach (var variable in variables)
        {
            if (Node(variable.ValueFrom) is { } source && made.TryGetValue(variable.Name, out var target) && !target.ContainsKey("value"))
            {
                target["valueFrom"] = source;
            }
        }
    }

    private static JsonObject? Node(JsonElement? part) =>
        part is { ValueKind: JsonValueKind.Object } element ? JsonObject.Create(element) : null;

    private static void Merge(JsonObject target, JsonObject overlay)
    {
        foreach (var (field, value) in overlay)
        {
            switch (target[field], value)
            {
                case (_, null):
                    target.Remove(field);
                    break;
                case (JsonObject into, JsonObject from):
                    Merge(into, from);
                    break;
                case (JsonArray into, JsonArray from) when KeyOf(from) is { } key && KeyOf(into) == key:
                    MergeByKey(into, from, key);
                    break;
                default:
                    target[field] = value.DeepClone();
                    break;
            }
        }
    }

    private static void MergeByKey(JsonArray into, JsonArray from, string key)
    {
        foreach (var item in from.OfType<JsonObject>())
        {
            var known = into.OfType<JsonObject>().FirstOrDefault(other => JsonNode.DeepEquals(other[key], item[key]));
            if (known is null)
            {
                into.Add(item.DeepClone());
            }
            else
            {
                Merge(known, item);
            }
        }
    }

    /// <summary>What the items of a list are told apart by; null when it is no list of such items.</summary>
    private static string? KeyOf(JsonArray list) =>
        list.Count > 0 && list.All(item => item is JsonObject o && o.ContainsKey("mountPath")) ? "mountPath"
        : list.Count > 0 && list.All(item => item is JsonObject o && o.ContainsKey("name")) ? "name"
        : null;
}
