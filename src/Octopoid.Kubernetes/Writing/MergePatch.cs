using System.Text.Json;
using System.Text.Json.Nodes;

namespace Octopoid.Kubernetes.Writing;

/// <summary>JSON merge patches (RFC 7396).</summary>
public static class MergePatch
{
    /// <summary>The patch that makes one object of another; null when they are equal.</summary>
    /// <param name="before">What is; null is empty.</param>
    /// <param name="after">What should be. A field that it lacks is removed by a null; a list that differs is replaced whole.</param>
    public static JsonObject? Between(JsonObject? before, JsonObject after)
    {
        ArgumentNullException.ThrowIfNull(after);
        var patch = new JsonObject();
        foreach (var (field, wanted) in after)
        {
            var known = before?[field];
            if (known is JsonObject knownObject && wanted is JsonObject wantedObject)
            {
                if (Between(knownObject, wantedObject) is { } inner)
                {
                    patch[field] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(known, wanted))
            {
                patch[field] = wanted?.DeepClone();
            }
        }

        foreach (var (field, _) in before ?? [])
        {
            if (!after.ContainsKey(field))
            {
                patch[field] = null;
            }
        }

        return patch.Count == 0 ? null : patch;
    }

    /// <summary>The body of a status patch that holds only for one state of its object.</summary>
    /// <param name="resourceVersion">The state; the server answers 409 if the object has changed since.</param>
    /// <param name="status">The patch of the status.</param>
    public static byte[] StatusBody(string resourceVersion, JsonObject status)
    {
        ArgumentNullException.ThrowIfNull(status);
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("metadata"u8);
            writer.WriteString("resourceVersion"u8, resourceVersion);
            writer.WriteEndObject();
            writer.WritePropertyName("status"u8);
            status.WriteTo(writer);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
