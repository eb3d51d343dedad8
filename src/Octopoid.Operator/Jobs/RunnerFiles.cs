using System.Reflection;

namespace Octopoid.Operator.Jobs;

/// <summary>The runner, the workspace's preparation and the commands for agents: shell scripts that travel inside this program.</summary>
internal static class RunnerFiles
{
    private const string Folder = "runner/";

    /// <summary>Their texts by file name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Load();

    private static Dictionary<string, string> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var files = new Dictionary<string, string>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            files[resource[Folder.Length..]] = reader.ReadToEnd();
        }

        return files;
    }
}
