using YamlDotNet.RepresentationModel;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>A node of an OpenAPI schema, read one key at a time.</summary>
internal sealed class SchemaNode(YamlMappingNode node)
{
    public string? Type => Scalar("type");

    public string? Format => Scalar("format");

    public string? Description => Scalar("description");

    public bool Nullable => Scalar("nullable") == "true";

    public bool IsOpaque => Scalar("x-kubernetes-preserve-unknown-fields") == "true";

    public SchemaNode? Items => field ??= Child("items");

    public SchemaNode? Values => Child("additionalProperties");

    public IReadOnlyList<string>? Enum => Strings("enum");

    public IReadOnlyList<string> Required => Strings("required") ?? [];

    public IReadOnlyDictionary<string, SchemaNode> Properties => field ??=
        Get("properties") is YamlMappingNode properties
            ? properties.Children.ToDictionary(p => ((YamlScalarNode)p.Key).Value!, p => new SchemaNode((YamlMappingNode)p.Value))
            : [];

    /// <summary>The keys that tell apart the items of a list.</summary>
    public IReadOnlyList<string>? Keys => Strings("x-kubernetes-list-map-keys");

    /// <summary>The rules in CEL, as their messages say them.</summary>
    public IReadOnlyList<string> Rules =>
        Get("x-kubernetes-validations") is YamlSequenceNode rules ? [.. rules.Select(rule => rule["message"].ToString())] : [];

    public bool Has(string key) => Get(key) is not null;

    /// <summary>The text of a scalar default; null where there is none, or where it is an object.</summary>
    public string? Scalar(string key) => (Get(key) as YamlScalarNode)?.Value;

    private SchemaNode? Child(string key) => Get(key) is YamlMappingNode child ? new SchemaNode(child) : null;

    private List<string>? Strings(string key) =>
        Get(key) is YamlSequenceNode list ? [.. list.Children.Select(item => ((YamlScalarNode)item).Value!)] : null;

    private YamlNode? Get(string key) => node.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;
}
