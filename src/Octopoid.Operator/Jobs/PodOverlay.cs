using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace Octopoid.Operator.Jobs;

/// <summary>Lays a blueprint's <c>podTemplate</c> over the pod that we make.</summary>
/// <remarks>Objects are merged field by field and a null removes one. Lists whose items have names (containers, volumes, variables) are merged
/// by name, mounts by path; other lists are replaced. Our labels stand: the slot's count hangs on them.</remarks>
internal static class PodOverlay
{
    /// <summary>The pod template with the overlay on it.</summary>
    public static V1PodTemplateSpec Apply(V1PodTemplateSpec template, JsonElement? overlay, IReadOnlyDictionary<string, string> labels)
    {
        if (overlay is not { ValueKind: JsonValueKind.Object } element)
        {
            return template;
        }

        var merged = JsonNode.Parse(KubernetesJson.Serialize(template))!.AsObject();
        Merge(merged, JsonObject.Create(element)!);
        var result = KubernetesJson.Deserialize<V1PodTemplateSpec>(merged.ToJsonString());
        result.Metadata.Labels ??= new Dictionary<string, string>();
        foreach (var (label, value) in labels)
        {
            result.Metadata.Labels[label] = value;
        }

        return result;
    }

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
