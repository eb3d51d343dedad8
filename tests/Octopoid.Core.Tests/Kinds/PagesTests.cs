using System.Text.RegularExpressions;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Core.Tests.Kinds;

/// <summary>The pages for people: what they link to is there, and the reasons that they name exist.</summary>
public sealed partial class PagesTests
{
    /// <summary>What alerts and other pages link to; it must not be renamed.</summary>
    private static readonly string[] RunbookAnchors =
    [
        "nothing-starts", "gate-closed", "blueprint-degraded", "count-stale", "ledger-drift", "no-leader", "quota-low", "api-slow", "task-stuck",
        "node-lost", "pause", "scale-down", "upgrade", "backup",
    ];

    public static TheoryData<string> Pages()
    {
        var root = RepositoryRoot.Combine();
        return
        [
            .. new[] { "docs", "examples" }.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(root, folder), "*.md", SearchOption.AllDirectories))
                .Append(Path.Combine(root, "README.md")).Select(file => Path.GetRelativePath(root, file)).Order(StringComparer.Ordinal),
        ];
    }

    public static TheoryData<string> Anchors() => [.. RunbookAnchors];

    [Theory, MemberData(nameof(Pages))]
    public void Every_link_of_a_page_leads_somewhere(string page)
    {
        var path = RepositoryRoot.Combine(page);

        var links = Link().Matches(Prose(File.ReadAllText(path))).Select(match => match.Groups[1].Value).Where(link => !link.Contains("://", StringComparison.Ordinal));

        Assert.All(links, link =>
        {
            var (file, anchor) = link.Split('#') is [var name, var id] ? (name, id) : (link, null);
            var target = file.Length == 0 ? path : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, file));
            Assert.True(File.Exists(target) || Directory.Exists(target), $"{page} links to {link}, which does not exist.");
            Assert.True(anchor is null || AnchorsOf(File.ReadAllText(target)).Contains(anchor), $"{page} links to {link}, and there is no such heading.");
        });
    }

    [Theory, MemberData(nameof(Anchors))]
    public void The_runbook_keeps_its_anchors(string anchor) =>
        Assert.Contains($"<a id=\"{anchor}\"></a>\n## ", File.ReadAllText(RepositoryRoot.Combine("docs", "runbook.md")), StringComparison.Ordinal);

    [Theory]
    [InlineData("runbook.md")]
    [InlineData("concepts.md")]
    public void Every_reason_in_a_table_of_gates_is_a_reason(string page)
    {
        var known = typeof(Reasons).GetFields().Select(field => field.Name).ToHashSet();
        var rows = File.ReadAllLines(RepositoryRoot.Combine("docs", page)).Where(line => line.StartsWith("| `", StringComparison.Ordinal) || line.Contains("`InstanceLimit`", StringComparison.Ordinal));
        var named = rows.SelectMany(row => ReasonWord().Matches(row)).Select(match => match.Groups[1].Value).Where(word => !word.StartsWith("Agent", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(named);
        Assert.All(named, word => Assert.Contains(word, known));
    }

    [Fact]
    public void Every_page_is_in_the_index()
    {
        var index = File.ReadAllText(RepositoryRoot.Combine("docs", "README.md"));
        var pages = Directory.EnumerateFiles(RepositoryRoot.Combine("docs"), "*.md").Select(file => Path.GetFileName(file)).Where(name => name != "README.md");

        Assert.All(pages, name => Assert.Contains($"]({name})", index, StringComparison.Ordinal));
    }

    /// <summary>A page without its code, in which a bracket is no link.</summary>
    private static string Prose(string text) => CodeSpan().Replace(Fence().Replace(text, ""), "");

    private static HashSet<string> AnchorsOf(string text)
    {
        var headings = Heading().Matches(Fence().Replace(text, "")).Select(match => Slug(match.Groups[1].Value));
        return [.. headings, .. Id().Matches(text).Select(match => match.Groups[1].Value)];
    }

    // As the forges make them: lower case, blanks to dashes, everything else but letters, digits and dashes left out.
    private static string Slug(string heading) =>
        string.Concat(heading.Trim().ToLowerInvariant().Replace(' ', '-').Where(c => char.IsLetterOrDigit(c) || c is '-' or '_'));

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex("(?<!`)`[^`\n]+`(?!\\])")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("<a id=\"([a-z-]+)\">")]
    private static partial Regex Id();

    [GeneratedRegex("`([A-Z][a-z]+(?:[A-Z]+[a-z]*)+)`")]
    private static partial Regex ReasonWord();
}
