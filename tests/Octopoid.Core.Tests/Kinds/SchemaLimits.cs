using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>Whether an API server would take a value: the limits of its schema, as far as a status of ours could break them.</summary>
internal static class SchemaLimits
{
    private static readonly SchemaNode Status = new SchemaNode((YamlMappingNode)Crd.Load("agenttasks").Schema).Properties["status"];

    /// <summary>What is wrong with the status of a task, a line each.</summary>
    public static IReadOnlyList<string> Broken(JsonElement status)
    {
        var broken = new List<string>();
        Check("status", Status, status, broken);
        return broken;
    }

    private static void Check(string path, SchemaNode schema, JsonElement value, List<string> broken)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                broken.AddRange(schema.Required.Where(name => !value.TryGetProperty(name, out _)).Select(name => $"{path}.{name} is missing"));
                foreach (var property in value.EnumerateObject())
                {
                    Check($"{path}.{property.Name}", schema.Properties[property.Name], property.Value, broken);
                }

                break;
            case JsonValueKind.Array:
                CheckList(path, schema, value, broken);
                break;
            case JsonValueKind.String:
                CheckText(path, schema, value.GetString()!, broken);
                break;
            case JsonValueKind.Number when Number(schema, "minimum") is { } least && value.GetDouble() < least:
                broken.Add($"{path} is {value}");
                break;
        }
    }

    private static void CheckList(string path, SchemaNode schema, JsonElement list, List<string> broken)
    {
        if (list.GetArrayLength() > Number(schema, "maxItems"))
        {
            broken.Add($"{path} has {list.GetArrayLength()} items");
        }

        if (schema.Keys is { Count: > 0 } keys
            && list.EnumerateArray().CountBy(item => string.Join("/", keys.Select(key => item.GetProperty(key).ToString()))).Any(same => same.Value > 1))
        {
            broken.Add($"{path} has two items of one key");
        }

        foreach (var item in list.EnumerateArray())
        {
            Check($"{path}[]", schema.Items!, item, broken);
        }
    }

    private static void CheckText(string path, SchemaNode schema, string text, List<string> broken)
    {
        // The API server counts characters as Unicode does, not UTF-16 units.
        var length = text.EnumerateRunes().Count();
        if (length > Number(schema, "maxLength") || length < Number(schema, "minLength"))
        {
            broken.Add($"{path} has {length} characters");
        }

        if (text.EnumerateRunes().Any(rune => rune == System.Text.Rune.ReplacementChar))
        {
            broken.Add($"{path} has half a character");
        }

        if (schema.Scalar("pattern") is { } pattern && !Regex.IsMatch(text, pattern))
        {
            broken.Add($"{path} is {text}");
        }

        if (schema.Enum is { } words && !words.Contains(text))
        {
            broken.Add($"{path} is {text}");
        }
    }

    private static double? Number(SchemaNode schema, string key) =>
        schema.Scalar(key) is { } text ? double.Parse(text, CultureInfo.InvariantCulture) : null;
}
