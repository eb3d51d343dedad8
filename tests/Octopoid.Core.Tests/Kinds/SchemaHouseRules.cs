namespace Octopoid.Core.Tests.Kinds;

/// <summary>What every field of every schema must have, whatever it means.</summary>
internal static class SchemaHouseRules
{
    public static IReadOnlyList<string> Violations(Crd crd) => [.. Walk("", new SchemaNode(crd.Schema))];

    private static IEnumerable<string> Walk(string path, SchemaNode schema)
    {
        if (path == ".metadata")
        {
            // The API server refuses anything here but bounds of the name.
            yield break;
        }

        if (string.IsNullOrWhiteSpace(schema.Description))
        {
            yield return $"{path}: no description";
        }

        if (MissingBound(path, schema) is { } bound)
        {
            yield return $"{path}: no {bound}";
        }

        if (schema.Has("default") && path.StartsWith(".spec.", StringComparison.Ordinal) && schema.Type != "object"
            && !schema.Description!.Contains($"Default: {schema.Scalar("default")}", StringComparison.Ordinal))
        {
            yield return $"{path}: its description does not give the default {schema.Scalar("default")}";
        }

        var children = schema.Properties.Select(p => ($"{path}.{p.Key}", p.Value));
        children = schema.Items is { } items ? children.Append(($"{path}[]", items)) : children;
        children = schema.Values is { } values ? children.Append(($"{path}{{}}", values)) : children;
        foreach (var violation in children.SelectMany(child => Walk(child.Item1, child.Item2)))
        {
            yield return violation;
        }
    }

    // CEL's cost is reckoned from bounds; and an int that is too big for C# would make the object unreadable to the operator.
    private static string? MissingBound(string path, SchemaNode schema) => schema.Type switch
    {
        "string" when path is ".apiVersion" or ".kind" || schema.Enum is not null || schema.Format == "date-time" => null,
        "string" when !schema.Has("maxLength") => "maxLength",
        "array" when !schema.Has("maxItems") => "maxItems",
        "array" when !schema.Has("x-kubernetes-list-type") => "x-kubernetes-list-type",
        "object" when schema.Values is not null && !schema.Has("maxProperties") => "maxProperties",
        "integer" when !schema.Has("minimum") => "minimum",
        "integer" when path.StartsWith(".spec", StringComparison.Ordinal) && !schema.Has("maximum") => "maximum",
        _ => null,
    };
}
