using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Octopoid.Chart.Tests;

/// <summary>YAML as the API server reads it: as JSON.</summary>
internal static class Manifests
{
    /// <summary>The chart's objects, as they come out of some options.</summary>
    public static async Task<IReadOnlyList<JsonNode>> RenderAsync(params IReadOnlyList<string> options) =>
        Read(await Testing.Chart.RenderAsync(TestContext.Current.CancellationToken, options));

    /// <summary>The one object of a kind and a name.</summary>
    public static JsonNode One(this IEnumerable<JsonNode> objects, string kind, string name = "octopoid-operator") =>
        objects.Single(item => item.Kind() == kind && (string)item["metadata"]!["name"]! == name);

    /// <summary>The objects of a kind.</summary>
    public static IEnumerable<JsonNode> OfKind(this IEnumerable<JsonNode> objects, string kind) => objects.Where(item => item.Kind() == kind);

    public static string Kind(this JsonNode item) => (string)item["kind"]!;

    /// <summary>All documents of a text.</summary>
    public static IReadOnlyList<JsonNode> Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        // Read again as JSON: a number is then of whatever type it is asked for.
        return [.. stream.Documents.Select(document => Json(document.RootNode)).OfType<JsonNode>().Select(item => JsonNode.Parse(item.ToJsonString())!)];
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(field => KeyValuePair.Create(field.Key.ToString(), Json(field.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: not ScalarStyle.Plain } text => JsonValue.Create(text.Value),
        YamlScalarNode { Value: null or "" or "null" or "~" } => null,
        YamlScalarNode { Value: "true" or "false" } flag => JsonValue.Create(bool.Parse(flag.Value)),
        YamlScalarNode scalar when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            JsonValue.Create(number),
        YamlScalarNode scalar when double.TryParse(scalar.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            JsonValue.Create(number),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new InvalidOperationException($"What is {node}?"),
    };
}
