using System.Text.RegularExpressions;

namespace Octopoid.Testing;

/// <summary>The operator's metrics by their names in Prometheus, as docs/metrics.md has them: what alerts and dashboard may name, and what a scrape must have.</summary>
public static partial class MetricsPage
{
    /// <summary>Every name on the page.</summary>
    public static IReadOnlySet<string> Names { get; } = NamesIn(File.ReadAllText(RepositoryRoot.Combine("docs", "metrics.md"))).ToHashSet();

    /// <summary>The names of metrics in a text.</summary>
    /// <param name="text">E.g. an expression, or a scrape.</param>
    public static IEnumerable<string> NamesIn(string text) => Name().Matches(text).Select(match => match.Value);

    [GeneratedRegex(@"\b(octopoid|kubernetes_client|dotnet)_[a-z_]*[a-z]\b")]
    private static partial Regex Name();
}
