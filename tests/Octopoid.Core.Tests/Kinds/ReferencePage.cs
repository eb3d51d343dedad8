using System.Text;
using Octopoid.Core.Kinds;
using YamlDotNet.RepresentationModel;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>The page of all fields, <c>docs/reference.md</c>, as it follows from <c>crds/</c>.</summary>
internal static class ReferencePage
{
    private const string Head = """
        # Reference: every field of every kind

        Made from [crds](../crds), which is the one source; a test keeps it so. `kubectl explain KIND.spec` shows the same.
        `[]` stands for each entry of a list, `{}` for each value of a map. What is not required may be left out.


        """;

    /// <summary>The kinds in the order of the page.</summary>
    public static IReadOnlyList<string> Plurals { get; } =
        [AgentBlueprint.Plural, AgentTask.Plural, AgentFlow.Plural, AgentRepository.Plural, AgentOrchestrator.Plural];

    public static string Text() => Head + string.Join('\n', Plurals.Select(plural => Section(Crd.Load(plural))));

    /// <summary>What the page says of one kind.</summary>
    public static string Section(Crd crd)
    {
        var page = new StringBuilder();
        var schema = new SchemaNode(crd.Schema);
        var names = (YamlSequenceNode)crd.Root["spec"]["names"]["shortNames"];
        page.Append($"## {crd.Name("kind")}\n{schema.Description}\n\n");
        page.Append($"{crd.Root["spec"]["scope"]}. `kubectl get {crd.Name("plural")}`, in short `{string.Join("`, `", names)}`.\n\n");
        page.Append("| column | shows | |\n|---|---|---|\n");
        foreach (var column in ((YamlSequenceNode)crd.Version["additionalPrinterColumns"]).Cast<YamlMappingNode>())
        {
            var isWide = column.Children.ContainsKey("priority");
            page.Append($"| {column["name"].ToString().ToUpperInvariant()} | {Cell(column["description"].ToString())} | {(isWide ? "`-o wide`" : "")} |\n");
        }

        var metadata = schema.Properties["metadata"].Properties;
        Rules(page, schema);
        Table(page, "metadata", metadata.SelectMany(field => Rows($"metadata.{field.Key}", field.Value, isRequired: true)));
        Table(page, "spec", Rows("spec", schema.Properties["spec"], schema.Required.Contains("spec")));
        Table(page, "status", Rows("status", schema.Properties["status"], isRequired: false));
        return page.ToString();
    }

    private static void Table(StringBuilder page, string title, IEnumerable<string> rows)
    {
        if (rows.Any())
        {
            page.Append($"\n### {title}\n| field | type | default | limits | |\n|---|---|---|---|---|\n").AppendJoin("", rows);
        }
    }

    private static void Rules(StringBuilder page, SchemaNode schema)
    {
        if (schema.Rules.Count > 0)
        {
            page.Append("\nRules of the whole object:\n\n").AppendJoin("", schema.Rules.Select(rule => $"- {rule}\n"));
        }
    }

    private static IEnumerable<string> Rows(string path, SchemaNode schema, bool isRequired)
    {
        var rules = string.Concat(schema.Rules.Select(rule => $" Rule: {rule}."));
        var cells = new[] { $"`{path}`", Kind(schema), Code(schema.Scalar("default")), Limits(schema, isRequired), $"{schema.Description}{rules}" };
        yield return $"| {string.Join(" | ", cells.Select(Cell))} |\n";

        var children = schema.Properties.Select(field => (Path: $"{path}.{field.Key}", field.Value, IsRequired: schema.Required.Contains(field.Key)));
        children = schema.Items is { } items ? children.Append(($"{path}[]", items, false)) : children;
        children = schema.Values is { } values ? children.Append(($"{path}{{}}", values, false)) : children;
        foreach (var row in children.SelectMany(child => Rows(child.Path, child.Value, child.IsRequired)))
        {
            yield return row;
        }
    }

    private static string Kind(SchemaNode schema) => schema switch
    {
        { Format: "date-time" } => "time",
        { Type: "array" } => "list",
        { Values: not null } => "map",
        { IsOpaque: true } => "object, of Kubernetes",
        _ => schema.Type!,
    };

    private static string Limits(SchemaNode schema, bool isRequired)
    {
        var limits = new[]
        {
            isRequired ? "required" : "",
            schema.Nullable ? "may be null" : "",
            schema.Enum is { } words ? string.Join(", ", words.Select(Code)) : "",
            Range(schema, "minimum", "maximum", ""),
            Range(schema, "minLength", "maxLength", " characters"),
            Range(schema, "minItems", "maxItems", " entries"),
            Range(schema, "minProperties", "maxProperties", " entries"),
            schema.Keys is { } keys ? $"one for each {string.Join(" and ", keys)}" : "",
            Code(schema.Scalar("pattern")),
        };
        return string.Join("; ", limits.Where(limit => limit.Length > 0));
    }

    private static string Range(SchemaNode schema, string least, string most, string unit) => (schema.Scalar(least), schema.Scalar(most)) switch
    {
        (null, null) => "",
        ({ } from, null) => $"at least {from}{unit}",
        (null or "0", { } to) when unit.Length > 0 => $"at most {to}{unit}",
        ({ } from, { } to) => $"{from} to {to}{unit}",
        (null, { } to) => $"at most {to}",
    };

    private static string Code(string? text) => string.IsNullOrEmpty(text) ? "" : $"`{text}`";

    // A bar would end the cell, also within a code span.
    private static string Cell(string text) => text.Trim().Replace("|", "\\|", StringComparison.Ordinal);
}
