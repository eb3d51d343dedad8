using System.Text;

namespace Octopoid.Chart.Tests;

/// <summary>The chart's README lists every value with its default and what values.yaml says of it.</summary>
public sealed class ReadmeTests
{
    private const string Keep = "OCTOPOID_KEEP";
    private const string Begin = "<!-- values: made from values.yaml -->\n";
    private const string End = "<!-- end of values -->\n";

    private static readonly string Path = ChartValue.FilePath("README.md");

    [Fact]
    public void The_table_is_what_values_yaml_says()
    {
        var page = File.ReadAllText(Path);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, page.IndexOf(End, StringComparison.Ordinal));
        var wanted = $"{page[..begin]}{Table()}{page[end..]}";
        if (Environment.GetEnvironmentVariable(Keep) == "1")
        {
            File.WriteAllText(Path, wanted);
            return;
        }

        Assert.True(
            page == wanted,
            $"The table is old. To renew it:\n  {Keep}=1 dotnet run --project tests/Octopoid.Chart.Tests -- -class '*{nameof(ReadmeTests)}'");
    }

    [Fact]
    public void Every_value_has_a_comment() => Assert.DoesNotContain(ChartValue.All, value => value.Comment.Length == 0);

    [Fact]
    public void It_links_to_nothing_that_a_packed_chart_has_not() => Assert.DoesNotContain("](..", File.ReadAllText(Path), StringComparison.Ordinal);

    private static string Table()
    {
        var table = new StringBuilder("| value | default | |\n|---|---|---|\n");
        foreach (var value in ChartValue.All)
        {
            table.Append($"| `{value.Path}` | `{value.Default}` | {value.Comment.Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }

        return table.ToString();
    }
}
