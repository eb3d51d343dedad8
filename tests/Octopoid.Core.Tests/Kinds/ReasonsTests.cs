using System.Reflection;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Core.Tests.Kinds;

public sealed class ReasonsTests
{
    public static TheoryData<string> Names() => [.. Constants().Select(constant => constant.Name)];

    [Theory, MemberData(nameof(Names))]
    public void Every_reason_is_on_the_page_of_reasons(string name) =>
        Assert.Contains($"| `{name}` |", File.ReadAllText(RepositoryRoot.Combine("docs", "reasons.md")), StringComparison.Ordinal);

    [Theory, MemberData(nameof(Names))]
    public void Every_reason_is_the_word_that_its_name_is(string name) =>
        Assert.Equal(name, Constants().Single(constant => constant.Name == name).GetRawConstantValue());

    private static FieldInfo[] Constants() => typeof(Reasons).GetFields(BindingFlags.Public | BindingFlags.Static);
}
