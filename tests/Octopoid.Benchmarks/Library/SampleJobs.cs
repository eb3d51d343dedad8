using System.Text;

namespace Octopoid.Benchmarks.Library;

/// <summary>Jobs as an API server sends them: job.json is one of ours that it has stored, here with other names, UIDs and versions.</summary>
internal static class SampleJobs
{
    public const string Namespace = "work";

    private static readonly string Ended = Load();
    private static readonly string Running = Ended[..Ended.IndexOf("\"status\":{\"conditions\"", StringComparison.Ordinal)] + "\"status\":{}}";

    /// <summary>The lines of a watch.</summary>
    /// <param name="first">The number of the first Job.</param>
    /// <param name="count">How many Jobs.</param>
    /// <param name="isEnded">Whether they are complete or still running.</param>
    public static byte[] Events(int first, int count, bool isEnded)
    {
        var lines = new StringBuilder();
        for (var i = first; i < first + count; i++)
        {
            lines.Append("{\"type\":\"").Append(isEnded ? "MODIFIED" : "ADDED").Append("\",\"object\":").Append(Json(i, isEnded)).Append("}\n");
        }

        return Encoding.UTF8.GetBytes(lines.ToString());
    }

    private static string Json(int number, bool isEnded) => (isEnded ? Ended : Running)
        .Replace("{JOB}", $"refactor-the-parser-{number:00000}-{number:x8}-1", StringComparison.Ordinal)
        .Replace("{TASK}", $"refactor-the-parser-{number:00000}", StringComparison.Ordinal)
        .Replace("{UID}", $"6f1c0f0e-0000-4000-8000-{number:x12}", StringComparison.Ordinal)
        .Replace("{TASK-UID}", $"b645d32a-646b-4baa-bbd3-{number:x12}", StringComparison.Ordinal)
        .Replace("{VERSION}", $"{(isEnded ? 200_000_000 : 100_000_000) + number}", StringComparison.Ordinal);

    private static string Load()
    {
        using var file = new StreamReader(typeof(SampleJobs).Assembly.GetManifestResourceStream("job.json")!);
        return file.ReadToEnd().Replace("\n", "", StringComparison.Ordinal);
    }
}
