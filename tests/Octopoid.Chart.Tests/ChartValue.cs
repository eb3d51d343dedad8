using System.Text.Json.Nodes;

namespace Octopoid.Chart.Tests;

/// <summary>values.yaml, read as text: what each value is called, its default as it is written, and its comment.</summary>
/// <param name="Path">E.g. <c>log.level</c>.</param>
/// <param name="Default">As it is written, without quotes.</param>
/// <param name="Comment">The lines above it; empty when there are none.</param>
internal sealed record ChartValue(string Path, string Default, string Comment)
{
    /// <summary>The chart's values, in their order.</summary>
    public static IReadOnlyList<ChartValue> All { get; } = [.. Read(File.ReadLines(FilePath("values.yaml")))];

    /// <summary>The values as they are.</summary>
    public static JsonNode Json => Manifests.Read(File.ReadAllText(FilePath("values.yaml")))[0];

    public static string FilePath(params string[] path) => RepositoryRoot.Combine(["charts", "octopoid-operator", .. path]);

    private static IEnumerable<ChartValue> Read(IEnumerable<string> lines)
    {
        var (parents, comment) = (new List<string>(), new List<string>());
        foreach (var line in lines)
        {
            var text = line.TrimStart();
            if (text.Length == 0)
            {
                comment.Clear();
            }
            else if (text[0] == '#')
            {
                comment.Add(text[1..].Trim());
            }
            else
            {
                var (key, value) = (text[..text.IndexOf(':', StringComparison.Ordinal)], text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
                parents = [.. parents.Take((line.Length - text.Length) / 2), key];
                if (value.Length > 0)
                {
                    yield return new ChartValue(string.Join('.', parents), value, string.Join(' ', comment));
                }

                comment.Clear();
            }
        }
    }
}
