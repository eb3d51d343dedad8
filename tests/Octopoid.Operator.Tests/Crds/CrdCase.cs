using System.Text.RegularExpressions;

namespace Octopoid.Operator.Tests.Crds;

/// <summary>
/// One document of a file in <c>Cases/</c>: an object to create, after comment lines that say what it is about. <c># accepted: …</c> or
/// <c># refused: …</c> names the case; <c># because: …</c> is a regular expression for the refusal's text; <c># cel</c> marks a refusal
/// that only a server with CEL gives. <c>${c*n}</c> stands for the character c, n times.
/// </summary>
internal sealed partial record CrdCase(string Plural, string Name, bool Accepted, bool NeedsCel, string Because, string Yaml)
{
    public static IEnumerable<CrdCase> All =>
        Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Crds", "Cases"), "*.yaml").Order(StringComparer.Ordinal)
            .SelectMany(
                file => File.ReadAllText(file).Split("\n---\n"),
                (file, text) => Parse(Path.GetFileNameWithoutExtension(file), text));

    private static CrdCase Parse(string plural, string text)
    {
        var lines = text.Split('\n');
        string? Comment(string key) =>
            lines.FirstOrDefault(line => line.StartsWith($"# {key}", StringComparison.Ordinal))?[(2 + key.Length)..].TrimStart(':', ' ');

        var name = Comment("accepted") ?? Comment("refused") ?? throw new FormatException($"A case of {plural} has no name:\n{text}");
        var yaml = Repeat().Replace(text, match => new string(match.Groups[1].Value[0], int.Parse(match.Groups[2].ValueSpan, null)));
        return new CrdCase(plural, name, Comment("accepted") is not null, Comment("cel") is not null, Comment("because") ?? "", yaml);
    }

    [GeneratedRegex(@"\$\{(.)\*(\d+)\}")]
    private static partial Regex Repeat();
}
