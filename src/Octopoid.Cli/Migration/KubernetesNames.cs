using System.Globalization;

namespace Octopoid.Cli.Migration;

/// <summary>Makes names that Kubernetes accepts, each once for a kind, and says when one had to change.</summary>
internal sealed class KubernetesNames(MigrationReport report)
{
    private const int Longest = 63;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>A DNS-1123 label: lower-case letters, digits and dashes.</summary>
    public static string Label(string text) => Word(text, "");

    /// <summary>A flow's state, or a condition's name: underscores may stay.</summary>
    public static string State(string text) => Word(text, "_");

    /// <summary>A label that nothing else of the kind has.</summary>
    public string Unique(string text, SourcePosition position)
    {
        var label = Label(text);
        var name = label;
        for (var i = 2; !_taken.Add(name); i++)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"-{i}");
            name = label[..Math.Min(label.Length, Longest - number.Length)] + number;
        }

        if (name != text)
        {
            report.Note(position, $"the name {MigrationReport.Printable(text)} is now {name}.");
        }

        return name;
    }

    private static string Word(string text, string allowed)
    {
        var kept = string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || allowed.Contains(c, StringComparison.Ordinal) ? c : '-'));
        var word = kept.Trim('-', '_');
        word = word[..Math.Min(word.Length, Longest)].TrimEnd('-', '_');
        return word.Length == 0 ? "unnamed" : word;
    }
}
