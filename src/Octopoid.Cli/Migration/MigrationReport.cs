using System.Text.RegularExpressions;

namespace Octopoid.Cli.Migration;

/// <summary>What a person must know of a migration: what has no place, what to do, what was decided.</summary>
internal sealed partial class MigrationReport
{
    private const int MostShown = 80;
    private readonly List<(SourcePosition Position, string Sentence)> _lines = [];
    private readonly HashSet<(SourcePosition, string)> _unplaced = [];

    /// <summary>How many settings have no place.</summary>
    public int Unplaced => _unplaced.Count;

    /// <summary>The lines, in the order of the files.</summary>
    public IEnumerable<string> Lines => _lines
        .OrderBy(line => line.Position.File, StringComparer.Ordinal).ThenBy(line => line.Position.Line).ThenBy(line => line.Position.Column)
        .Select(line => $"{line.Position}: {line.Sentence}");

    /// <summary>Something that was decided.</summary>
    public void Note(SourcePosition position, string sentence) => _lines.Add((position, $"note: {sentence}"));

    /// <summary>Something to look at, or to do.</summary>
    public void Warn(SourcePosition position, string sentence) => _lines.Add((position, $"warning: {sentence}"));

    /// <summary>A setting that is lost. What an alias loses is told of the alias: who has the anchor loses it for himself.</summary>
    public void Lose(LegacyNode node, string reason)
    {
        node.Settle();
        if (_unplaced.Add((node.Position, node.Path)))
        {
            _lines.Add((node.Position, $"unplaced: {node.Path} = {Value(node)}: {reason}"));
        }
    }

    /// <summary>All of a file that nothing has asked for; what an alias stands for is told by the alias.</summary>
    public void LoseUnused(LegacyMap root)
    {
        foreach (var node in root.Unused().OrderBy(node => node.IsAlias ? 0 : 1).ToList())
        {
            if (!node.IsUsed)
            {
                Lose(node, NoPlace.Reason(node));
            }
        }
    }

    /// <summary>A text without what would move a terminal's cursor.</summary>
    public static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));

    private static string Value(LegacyNode node)
    {
        var line = Printable(node.Line);
        return SecretKey().IsMatch(node.Path) || SecretKey().IsMatch(node is LegacyScalar ? "" : line) || SecretValue().IsMatch(line) ? "(not shown)"
            : line.Length > MostShown ? $"{line[..MostShown]}…"
            : line.Length == 0 ? "\"\""
            : line;
    }

    [GeneratedRegex("pre_check|\\benv\\b|headers|pwd|api_?-?key|token|passw|passphrase|secret|credential|private_?-?key|access_?-?key|auth|bearer|cookie|webhook|dsn", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretKey();

    [GeneratedRegex("://\\S*@|bearer|authorization|hooks\\.slack|\\b(gh[a-z]_|github_pat_|glpat-|sk-|xox[a-z]-|AKIA)|-----BEGIN|(api_?key|token|passw(or)?d|pwd|secret|access_key)\\w*\\s*[=:]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretValue();
}
