using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Core.Tests.Kinds;

public sealed class ReferenceTests
{
    private const string Keep = "OCTOPOID_KEEP";
    private static readonly string[] TimeWords = ["second", "minute", "hour", "day"];

    public static TheoryData<string> Kinds => [.. ReferencePage.Plurals];

    [Fact]
    public void The_page_is_what_the_schemas_say()
    {
        var path = RepositoryRoot.Combine("docs", "reference.md");
        var page = ReferencePage.Text();
        if (Environment.GetEnvironmentVariable(Keep) == "1")
        {
            File.WriteAllText(path, page);
        }

        var kept = File.Exists(path) ? File.ReadAllText(path) : "";
        if (kept != page)
        {
            Assert.Fail($"docs/reference.md is not what crds/ says; {FirstDifference(kept, page)}\nTo renew it, run this class with {Keep}=1:\n" +
                $"  {Keep}=1 dotnet run --project tests/Octopoid.Core.Tests -- -class '*{nameof(ReferenceTests)}'");
        }
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_page_has_every_field_of_a_kind(string plural)
    {
        var section = ReferencePage.Section(Crd.Load(plural));

        Assert.All(Fields(plural), field => Assert.Contains($"\n| `{field.Path}` | ", section, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_number_that_is_a_time_names_its_unit(string plural)
    {
        var times = Fields(plural).Where(field => field.Path.StartsWith("spec.", StringComparison.Ordinal) && field.Schema.Type == "integer" && IsTime(field.Schema)).ToList();

        Assert.All(times, field => Assert.EndsWith("Seconds", field.Path, StringComparison.Ordinal));
        Assert.All(times, field => Assert.Contains("in seconds", field.Schema.Description, StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_number_that_names_its_unit_says_so(string plural)
    {
        var named = Fields(plural).Where(field => field.Path.EndsWith("Seconds", StringComparison.Ordinal));

        Assert.All(named, field => Assert.True(field.Schema.Type == "integer" && IsTime(field.Schema), $"{field.Path}: {field.Schema.Description}"));
    }

    [Fact]
    public void A_changed_description_default_or_limit_changes_the_page()
    {
        var text = Crd.Text(AgentBlueprint.Plural);
        var page = ReferencePage.Section(Crd.Parse(text));

        Assert.All(
            [("How long an attempt may run", "How long it may run"), ("default: 14400", "default: 14401"), ("maximum: 604800", "maximum: 604801"), ("shortNames: [abp]", "shortNames: [bp]")],
            change => Assert.NotEqual(page, ReferencePage.Section(Crd.Parse(text.Replace(change.Item1, change.Item2, StringComparison.Ordinal)))));
    }

    private static bool IsTime(SchemaNode schema) =>
        schema.Description!.Contains("How long", StringComparison.Ordinal)
        || TimeWords.Any(word => schema.Description.Split(' ', ',', '.', ';', '(', ')').Any(found => found == word || found == $"{word}s"));

    private static IEnumerable<(string Path, SchemaNode Schema)> Fields(string plural)
    {
        var schema = new SchemaNode(Crd.Load(plural).Schema);
        return new[] { "spec", "status" }.SelectMany(part => Below(part, schema.Properties[part]));
    }

    private static IEnumerable<(string Path, SchemaNode Schema)> Below(string path, SchemaNode schema)
    {
        var children = schema.Properties.Select(field => (Path: $"{path}.{field.Key}", field.Value));
        children = schema.Items is { } items ? children.Append(($"{path}[]", items)) : children;
        children = schema.Values is { } values ? children.Append(($"{path}{{}}", values)) : children;
        return children.SelectMany(child => Below(child.Path, child.Value)).Prepend((path, schema));
    }

    private static string FirstDifference(string kept, string page)
    {
        var (left, right) = (kept.Split('\n'), page.Split('\n'));
        var at = Enumerable.Range(0, Math.Max(left.Length, right.Length)).First(line => left.ElementAtOrDefault(line) != right.ElementAtOrDefault(line));
        return $"the first difference is in line {at + 1}, which should be:\n  {right.ElementAtOrDefault(at)}";
    }
}
