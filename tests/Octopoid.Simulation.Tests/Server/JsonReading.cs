using System.Text.Json.Nodes;

namespace Octopoid.Simulation.Tests.Server;

/// <summary>Reads JSON by path; what is missing is null.</summary>
internal static class JsonReading
{
    public static JsonNode? At(this JsonObject json, params ReadOnlySpan<string> path)
    {
        JsonNode? node = json;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    public static string? Text(this JsonObject json, params ReadOnlySpan<string> path) =>
        (json.At(path) as JsonValue)?.TryGetValue<string>(out var text) == true ? text : null;

    public static int? Number(this JsonObject json, params ReadOnlySpan<string> path) =>
        (json.At(path) as JsonValue)?.TryGetValue<int>(out var number) == true ? number : null;

    public static bool Flag(this JsonObject json, params ReadOnlySpan<string> path) =>
        json.At(path) is JsonValue value && value.GetValueKind() == System.Text.Json.JsonValueKind.True;

    /// <summary>The objects of a list; none when it is missing.</summary>
    public static IEnumerable<JsonObject> Items(this JsonObject json, params ReadOnlySpan<string> path) =>
        json.At(path) is JsonArray items ? items.OfType<JsonObject>() : [];
}
