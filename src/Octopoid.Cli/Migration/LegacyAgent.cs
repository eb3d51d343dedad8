namespace Octopoid.Cli.Migration;

/// <summary>An entry of any format, with its folder's defaults under its own fields.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Settings">Its fields.</param>
/// <param name="Folder">The folder with its prompts; null when it has none.</param>
/// <param name="Scripts">The folder with its scripts; null when it has none.</param>
/// <param name="Position">Where it stands.</param>
internal sealed record LegacyAgent(string Name, LegacyMap Settings, string? Folder, string? Scripts, SourcePosition Position)
{
    private static readonly string[] _sections = ["agents", "fleet"];

    /// <summary>The name without the number at its end: <c>implementer</c> of <c>implementer-2</c>.</summary>
    public string Stem => StemOf(Name);

    /// <summary>What two entries must have in common to be one blueprint: all but what names, numbers and stops them.</summary>
    public string Signature => string.Join('\n', Settings.Fields
        .Where(setting => setting.Key is not ("name" or "id" or "blueprint_name" or "enabled" or "paused" or "max_instances") && Settings.Peek(setting.Key) is not null)
        .Select(setting => $"{setting.Key}: {setting.Value.Line}").Order(StringComparer.Ordinal).Append($"{Folder}\n{Scripts}"));

    /// <summary>Reads the entries: of <c>agents</c> or <c>fleet</c>, a list or a map; without either, one of each folder.</summary>
    public static IReadOnlyList<LegacyAgent> ReadAll(LegacyFiles files, MigrationReport report)
    {
        var sections = _sections.Select(name => files.Agents?.Take(name)).OfType<LegacyNode>().ToList();
        if (sections.Count == 0)
        {
            return [.. files.Folders.Select(folder => Read(files, Path.GetFileName(folder.Path), folder.Settings, folder.Path))];
        }

        var agents = sections.SelectMany(Entries).Select(entry => Read(files, entry.Name, entry.Settings, null)).ToList();
        foreach (var folder in files.Folders.Where(folder => agents.All(agent => agent.Folder is null || Path.GetFullPath(agent.Folder) != Path.GetFullPath(folder.Path))))
        {
            folder.Settings.UseAll();
            report.Warn(folder.Settings.Position, $"no entry of agents.yaml uses the folder {folder.Name}, so it is left out.");
        }

        return agents;
    }

    private static IEnumerable<(string Name, LegacyMap Settings)> Entries(LegacyNode section) => section switch
    {
        LegacyMap map => map.Fields.Select(field => (field.Key, Entry(field.Value))),
        LegacyList list => list.Items.Select(Entry).Select(entry => (NameOf(entry), entry)),
        _ => throw section.Error("must be a list of agents or a mapping of them."),
    };

    private static LegacyMap Entry(LegacyNode node) => node switch
    {
        LegacyMap map => map,
        LegacyScalar { IsNull: true } => new LegacyMap([], node.Position, node.Key, node.Path, node),
        _ => throw node.Error("must be a mapping of an agent's settings."),
    };

    private static string NameOf(LegacyMap entry) =>
        (entry.Scalar("name") ?? entry.Scalar("blueprint_name") ?? entry.Scalar("role") ?? entry.Scalar("type"))?.Text is { Length: > 0 } name
            ? name
            : throw entry.Error("needs a name.");

    private static LegacyAgent Read(LegacyFiles files, string key, LegacyMap entry, string? folder)
    {
        var own = folder is null ? entry.Scalar("agent_dir") ?? entry.Scalar("path") : null;
        var named = Existing(files, own);
        var scripts = Existing(files, entry.Scalar("scripts_dir"));
        folder ??= named
            ?? (scripts is not null && Path.GetFileName(scripts) == "scripts" ? Path.GetDirectoryName(scripts) : null)
            ?? (own is null ? new[] { entry.Text("type"), key, StemOf(key) }.OfType<string>().Select(files.FolderOf).FirstOrDefault(found => found is not null) : null);
        var defaults = files.Folders.FirstOrDefault(known => folder is not null && Path.GetFullPath(known.Path) == Path.GetFullPath(folder))?.Settings;
        var settings = defaults is null || ReferenceEquals(defaults, entry) ? entry : entry.Over(defaults);
        scripts ??= Existing(files, settings.Scalar("scripts_dir"));
        if (scripts is null && folder is not null && Path.Combine(folder, "scripts") is var inner && Directory.Exists(inner))
        {
            scripts = inner;
        }

        settings.Text("name");
        settings.Text("id");
        return new LegacyAgent(settings.Text("blueprint_name") ?? key, settings, folder, scripts, entry.Position);
    }

    /// <summary>The folder that a setting names. One that is not there stays unasked for, and so is reported.</summary>
    private static string? Existing(LegacyFiles files, LegacyScalar? setting)
    {
        if (setting is null || files.Folder(setting) is not { } found)
        {
            return null;
        }

        setting.Use();
        return found;
    }

    private static string StemOf(string name)
    {
        var bare = name.AsSpan().TrimEnd("0123456789");
        return bare.Length > 1 && bare.Length < name.Length && bare[^1] is '-' or '_' ? bare[..^1].ToString() : name;
    }
}
