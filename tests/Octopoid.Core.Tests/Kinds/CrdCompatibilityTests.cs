using Octopoid.Testing;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>The CRDs take all that those of the last release took, which are kept in <c>Released</c>. A release renews them: run with <c>OCTOPOID_KEEP=1</c>.</summary>
public sealed class CrdCompatibilityTests
{
    private const string Small = """
        spec:
          group: example.dev
          scope: Namespaced
          names: {kind: Thing, plural: things}
          versions:
            - name: v1
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec:
                      type: object
                      required: [size]
                      x-kubernetes-validations: [{rule: self.size > 0}]
                      properties:
                        size: {type: integer, minimum: 0, maximum: 10, default: 1}
                        color: {type: string, enum: [red, blue], maxLength: 9}
                        names: {type: array, maxItems: 3, items: {type: string, pattern: a+}}
                        labels: {type: object, additionalProperties: {type: string}}
        """;

    private static string Released => RepositoryRoot.Combine("tests", "Octopoid.Core.Tests", "Kinds", "Released");

    public static TheoryData<string> Plurals() => [.. In(RepositoryRoot.Combine("crds"))];

    [Fact]
    public void No_kind_is_gone()
    {
        Assert.Equal(["things is gone"], CrdCompatibility.Removed(["things", "others"], ["others", "more"]));
        Assert.Empty(CrdCompatibility.Removed(In(Released), In(RepositoryRoot.Combine("crds"))));
    }

    [Theory, MemberData(nameof(Plurals))]
    public void Nothing_that_was_taken_is_refused_or_dropped(string plural)
    {
        var kept = Path.Combine(Released, $"octopoid.dev_{plural}.yaml");
        if (Environment.GetEnvironmentVariable("OCTOPOID_KEEP") == "1")
        {
            File.WriteAllText(kept, Crd.Text(plural));
        }

        Assert.Empty(CrdCompatibility.Breaks(Crd.Parse(File.ReadAllText(kept)), Crd.Load(plural)));
    }

    [Theory]
    [InlineData("scope: Namespaced", "scope: Cluster", "spec: scope was Namespaced and is Cluster")]
    [InlineData("- name: v1", "- name: v2", "the version: name was v1 and is v2")]
    [InlineData("color: {type: string, enum: [red, blue], maxLength: 9}", "", ".spec.color is gone")]
    [InlineData("size: {type: integer", "size: {type: string", ".spec.size: type was integer and is string")]
    [InlineData("required: [size]", "required: [size, color]", ".spec: color is required now")]
    [InlineData("[red, blue]", "[red]", ".spec.color: blue is no value any more")]
    [InlineData("size: {type: integer", "size: {enum: [1], type: integer", ".spec.size: there is an enum now")]
    [InlineData("maximum: 10", "maximum: 9", ".spec.size: maximum is narrower")]
    [InlineData("minimum: 0", "minimum: 1", ".spec.size: minimum is narrower")]
    [InlineData("maxItems: 3", "maxItems: 3, minItems: 1", ".spec.names: minItems is narrower")]
    [InlineData("default: 1", "default: 5", ".spec.size: default was 1 and is 5")]
    [InlineData(", default: 1", "", ".spec.size: default was 1 and is absent")]
    [InlineData("pattern: a+", "pattern: b+", ".spec.names[]: pattern was a+ and is b+")]
    [InlineData("additionalProperties: {type: string}", "additionalProperties: {type: integer}", ".spec.labels[]: type was string and is integer")]
    [InlineData("[{rule: self.size > 0}]", "[{rule: self.size > 0}, {rule: self.size < 5}]", ".spec: there is a new rule: self.size < 5")]
    public void Each_break_is_found(string was, string becomes, string expected) =>
        Assert.Equal([expected], CrdCompatibility.Breaks(Crd.Parse(Small), Crd.Parse(Small.Replace(was, becomes, StringComparison.Ordinal))));

    [Theory]
    [InlineData("maximum: 10", "maximum: 11")]
    [InlineData("minimum: 0, ", "")]
    [InlineData("[red, blue]", "[red, blue, green]")]
    [InlineData("required: [size]", "required: []")]
    [InlineData("color: {", "more: {type: string}\n                color: {")]
    public void What_takes_more_than_before_breaks_nothing(string was, string becomes) =>
        Assert.Empty(CrdCompatibility.Breaks(Crd.Parse(Small), Crd.Parse(Small.Replace(was, becomes, StringComparison.Ordinal))));

    private static IEnumerable<string> In(string folder) => Directory.GetFiles(folder).Select(file => Path.GetFileNameWithoutExtension(file).Split('_')[1]);
}
