using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>What in a CRD would refuse or drop something that the released one took: objects live on through an upgrade, and manifests in people's repositories do too.</summary>
internal static class CrdCompatibility
{
    private static readonly string[] UpperBounds = ["maximum", "maxLength", "maxItems", "maxProperties"];
    private static readonly string[] LowerBounds = ["minimum", "minLength", "minItems", "minProperties"];

    /// <summary>What keeps its value, or the meaning of stored objects changes.</summary>
    private static readonly string[] Fixed = ["type", "default", "format", "pattern", "x-kubernetes-preserve-unknown-fields", "x-kubernetes-int-or-string", "nullable", "x-kubernetes-list-type"];

    /// <summary>What is served no more.</summary>
    /// <param name="released">The plurals that were released.</param>
    /// <param name="next">Those to come.</param>
    public static IReadOnlyList<string> Removed(IEnumerable<string> released, IEnumerable<string> next) => [.. released.Except(next).Select(plural => $"{plural} is gone")];

    /// <summary>The breaks, a sentence each.</summary>
    /// <param name="released">The released CRD.</param>
    /// <param name="next">The one to come.</param>
    public static IReadOnlyList<string> Breaks(Crd released, Crd next)
    {
        var spec = Map(released.Root, "spec")!;
        return
        [
            .. Changed(spec, Map(next.Root, "spec")!, "spec", ["group", "scope"]),
            .. Changed(Map(spec, "names")!, Map(Map(next.Root, "spec"), "names")!, "spec.names", ["kind", "plural"]),
            .. Changed(released.Version, next.Version, "the version", ["name"]),
            .. Schema(released.Schema, next.Schema, ""),
        ];
    }

    private static IEnumerable<string> Schema(YamlMappingNode old, YamlMappingNode now, string path) =>
        Changed(old, now, path, Fixed)
            .Concat(UpperBounds.Where(bound => Number(now, bound) is { } limit && !(Number(old, bound) <= limit)).Select(bound => $"{path}: {bound} is narrower"))
            .Concat(LowerBounds.Where(bound => Number(now, bound) is { } limit && !(Number(old, bound) >= limit)).Select(bound => $"{path}: {bound} is narrower"))
            .Concat(List(now, "required").Except(List(old, "required")).Select(name => $"{path}: {name} is required now"))
            .Concat(Narrowed(old, now, path))
            .Concat(List(now, "x-kubernetes-validations").Except(List(old, "x-kubernetes-validations")).Select(rule => $"{path}: there is a new rule: {rule}"))
            .Concat(Children(old, now, path));

    private static IEnumerable<string> Children(YamlMappingNode old, YamlMappingNode now, string path)
    {
        var properties = Map(now, "properties");
        foreach (var (name, child) in Map(old, "properties") ?? [])
        {
            var at = $"{path}.{name}";
            foreach (var broken in Map(properties, $"{name}") is { } kept ? Schema((YamlMappingNode)child, kept, at) : [$"{at} is gone"])
            {
                yield return broken;
            }
        }

        foreach (var nested in (string[])["items", "additionalProperties"])
        {
            if (Map(old, nested) is { } child)
            {
                foreach (var broken in Map(now, nested) is { } kept ? Schema(child, kept, path + "[]") : [$"{path}: {nested} is gone"])
                {
                    yield return broken;
                }
            }
        }
    }

    private static IEnumerable<string> Narrowed(YamlMappingNode old, YamlMappingNode now, string path) => (List(old, "enum"), List(now, "enum")) switch
    {
        (_, []) => [],
        ([], _) => [$"{path}: there is an enum now"],
        var (before, after) => before.Except(after).Select(value => $"{path}: {value} is no value any more"),
    };

    private static IEnumerable<string> Changed(YamlMappingNode old, YamlMappingNode now, string path, IEnumerable<string> keys) =>
        keys.Where(key => Text(old, key) != Text(now, key)).Select(key => $"{path}: {key} was {Text(old, key) ?? "absent"} and is {Text(now, key) ?? "absent"}");

    private static YamlMappingNode? Map(YamlMappingNode? node, string key) => Find(node, key) as YamlMappingNode;

    private static string? Text(YamlMappingNode node, string key) => Find(node, key) switch
    {
        YamlScalarNode { Value: { } value } => value,
        null => null,
        var other => $"{other}",
    };

    private static decimal? Number(YamlMappingNode node, string key) =>
        Text(node, key) is { } text ? decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture) : null;

    /// <summary>The entries of a list: words, and of a rule its expression.</summary>
    private static IReadOnlyList<string> List(YamlMappingNode node, string key) =>
        [.. (Find(node, key) as YamlSequenceNode)?.Select(entry => entry is YamlMappingNode rule ? Text(rule, "rule")! : $"{entry}") ?? []];

    private static YamlNode? Find(YamlMappingNode? node, string key) => node is not null && node.Children.TryGetValue(key, out var value) ? value : null;
}
