using System.Text;

namespace Octopoid.Cli.Migration;

/// <summary>The files of a blueprint, as a ConfigMap takes them.</summary>
internal static class AgentScripts
{
    /// <summary>What a ConfigMap holds at most.</summary>
    private const int MostBytes = 1 << 20;

    /// <summary>What <c>kubectl apply</c> can hold in its annotation, less the room that quoting takes.</summary>
    private const int MostApplied = 200 << 10;

    private static readonly string[] _prompts = ["instructions.md", "prompt.md"];

    /// <summary>Reads an agent's prompts and its scripts; a script wins over a prompt of the same name.</summary>
    public static SortedDictionary<string, string> Read(LegacyAgent agent, string? entryPoint, MigrationReport report)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (agent.Folder is { } folder)
        {
            // Nothing else: beside them may lie what nobody meant to publish.
            foreach (var file in _prompts.Select(name => Path.Combine(folder, name)).Where(File.Exists))
            {
                Add(files, file, report);
            }
        }

        if (agent.Scripts is { } scripts)
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(scripts).Order(StringComparer.Ordinal))
            {
                Add(files, entry, report);
            }
        }

        if (entryPoint is not null)
        {
            files.TryAdd("run", entryPoint);
        }

        var bytes = files.Sum(file => Encoding.UTF8.GetByteCount(file.Key) + Encoding.UTF8.GetByteCount(file.Value));
        if (bytes > MostBytes)
        {
            throw agent.Position.Error($"The scripts of {agent.Name} have more than 1 MiB, which no ConfigMap holds: put them into the image.");
        }

        if (bytes > MostApplied)
        {
            report.Warn(agent.Position, $"the scripts of {agent.Name} are too large for an ordinary kubectl apply: use kubectl apply --server-side.");
        }

        return files;
    }

    private static void Add(SortedDictionary<string, string> files, string path, MigrationReport report)
    {
        var place = new SourcePosition(path, 1, 1);
        var name = Path.GetFileName(path);
        if (new FileInfo(path).LinkTarget is not null || Directory.Exists(path))
        {
            report.Warn(place, "a ConfigMap takes neither folders nor links; this one is left out.");
        }
        else if (name.Length > 253 || name.StartsWith('.') || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_'))
        {
            report.Warn(place, "the name of a script has letters, digits, dots, dashes and underscores, and begins with no dot; this file is left out.");
        }
        else if (new FileInfo(path).Length > MostBytes)
        {
            throw place.Error("The file has more than 1 MiB, which no ConfigMap holds: put it into the image.");
        }
        else if (Text(File.ReadAllBytes(path)) is { } text)
        {
            files[name] = text;
        }
        else
        {
            report.Warn(place, "the file is no text in UTF-8, so it belongs in the image; it is left out.");
        }
    }

    private static string? Text(byte[] bytes)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.Contains('\0', StringComparison.Ordinal) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
