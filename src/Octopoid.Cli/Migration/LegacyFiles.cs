namespace Octopoid.Cli.Migration;

/// <summary>A folder of one agent, <c>agents/NAME</c>, and its <c>agent.yaml</c>.</summary>
internal sealed record LegacyFolder(string Name, string Path, LegacyMap Settings);

/// <summary>A file of <c>flows</c>.</summary>
internal sealed record LegacyFlowFile(string Name, LegacyMap Content);

/// <summary>The files of a project that the old orchestrator read, each where it is there.</summary>
internal sealed class LegacyFiles
{
    private const string FolderName = ".octopoid";
    private readonly string _root;
    private readonly string _octopoid;

    private LegacyFiles(string root, string octopoid, string? agentsFile)
    {
        (_root, _octopoid) = (root, octopoid);
        Agents = Read(agentsFile ?? Existing("agents.yaml", "agents.yml"));
        Config = Read(Existing("config.yaml", "config.yml"));
        Flows = [.. Entries("flows", Directory.EnumerateFiles).Where(file => Path.GetExtension(file) is ".yaml" or ".yml")
            .Select(file => new LegacyFlowFile(Path.GetFileNameWithoutExtension(file), LegacyYaml.Read(file)))];
        Folders = [.. Entries("agents", Directory.EnumerateDirectories).Select(folder => (folder, file: Path.Combine(folder, "agent.yaml")))
            .Where(found => File.Exists(found.file))
            .Select(found => new LegacyFolder(Path.GetFileName(found.folder), found.folder, LegacyYaml.Read(found.file)))];
    }

    public LegacyMap? Agents { get; }

    public LegacyMap? Config { get; }

    public IReadOnlyList<LegacyFlowFile> Flows { get; }

    public IReadOnlyList<LegacyFolder> Folders { get; }

    /// <summary>The file whose presence paused everything; null where it is absent.</summary>
    public string? PauseFile => Existing("PAUSE");

    /// <summary>A place to speak of all of it.</summary>
    public SourcePosition Position => All.Select(file => file.Position).Append(new SourcePosition(_octopoid, 1, 1)).First();

    /// <summary>All files that were read.</summary>
    public IEnumerable<LegacyMap> All => new[] { Agents, Config }.OfType<LegacyMap>().Concat(Folders.Select(folder => folder.Settings)).Concat(Flows.Select(flow => flow.Content));

    /// <summary>Reads a project, by its root, its <c>.octopoid</c> folder or its <c>agents.yaml</c>.</summary>
    public static LegacyFiles Open(string path)
    {
        if (File.Exists(path))
        {
            var folder = Path.GetDirectoryName(path) is { Length: > 0 } parent ? parent : ".";
            return new LegacyFiles(RootOf(folder), folder, path);
        }

        if (!Directory.Exists(path))
        {
            throw new CliException($"{path}: there is no such file or folder.");
        }

        var inner = Path.Combine(path, FolderName);
        return Directory.Exists(inner) ? new LegacyFiles(path, inner, null) : new LegacyFiles(RootOf(path), path, null);
    }

    /// <summary>A folder that a setting names, below the project's root; null when there is none. What lies outside is not read.</summary>
    public string? Folder(LegacyScalar setting)
    {
        var named = setting.Text.TrimEnd('/');
        var inner = named.StartsWith($"{FolderName}/", StringComparison.Ordinal) ? named[(FolderName.Length + 1)..] : named;
        var found = new[] { Path.Combine(_root, named), Path.Combine(_octopoid, inner) }.FirstOrDefault(Directory.Exists);
        if (found is null)
        {
            return null;
        }

        var root = Path.GetFullPath(_root).TrimEnd('/');
        var full = Path.GetFullPath(found);
        if (full != root && !full.StartsWith($"{root}/", StringComparison.Ordinal))
        {
            throw setting.Error("must name a folder of the project.");
        }

        for (var folder = new DirectoryInfo(full); folder.FullName != root; folder = folder.Parent!)
        {
            if (folder.LinkTarget is not null)
            {
                throw setting.Error("must name a folder of the project, and no link.");
            }
        }

        return found;
    }

    /// <summary>The folder of an agent by its name; null when there is none.</summary>
    public string? FolderOf(string name)
    {
        var path = Path.Combine(_octopoid, "agents", name);
        return name is not ("" or "." or "..") && !name.Contains('/', StringComparison.Ordinal) && Directory.Exists(path) ? path : null;
    }

    private static string RootOf(string folder)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Path.GetFileName(full) == FolderName ? Path.Combine(folder, "..") : folder;
    }

    private static LegacyMap? Read(string? file) => file is null ? null : LegacyYaml.Read(file);

    private string? Existing(params string[] names) => names.Select(name => Path.Combine(_octopoid, name)).FirstOrDefault(File.Exists);

    private IEnumerable<string> Entries(string folder, Func<string, IEnumerable<string>> enumerate)
    {
        var path = Path.Combine(_octopoid, folder);
        return Directory.Exists(path) ? enumerate(path).Order(StringComparer.Ordinal) : [];
    }
}
