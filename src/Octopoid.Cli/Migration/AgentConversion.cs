using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Migration;

/// <summary>A blueprint, and what the rest of the migration asks of it.</summary>
/// <param name="Blueprint">The blueprint.</param>
/// <param name="Files">Its ConfigMap's files.</param>
/// <param name="Role">The role that it serves.</param>
/// <param name="IsReviewer">Whether it took its tasks from <c>provisional</c>.</param>
/// <param name="Names">What a flow may call it.</param>
/// <param name="Position">Where it stood.</param>
internal sealed record ConvertedAgent(
    AgentBlueprint Blueprint, IReadOnlyDictionary<string, string> Files, string Role, bool IsReviewer, IReadOnlyList<string> Names, SourcePosition Position);

/// <summary>Makes blueprints of entries: those that differ in name and number only become one.</summary>
internal sealed class AgentConversion(string image, string? entryPoint, MigrationReport report)
{
    private const int MostInstances = 100_000;
    private readonly KubernetesNames _names = new(report);

    /// <summary>An entry, read in full.</summary>
    private sealed record Entry(LegacyAgent Agent, AgentBlueprintSpec Spec, string Role, bool IsReviewer, IReadOnlyList<string> Names, int Instances, string? Stopped);

    public IReadOnlyList<ConvertedAgent> Convert(IReadOnlyList<LegacyAgent> agents)
    {
        var stems = agents.Select(Read).GroupBy(entry => entry.Agent.Stem, StringComparer.Ordinal)
            .Select(stem => (stem.Key, Groups: stem.GroupBy(entry => entry.Agent.Signature, StringComparer.Ordinal).Select(group => group.ToList()).ToList()));
        return [.. stems.SelectMany(stem => stem.Groups.Select(group => Blueprint(NameOf(stem.Key, stem.Groups, group), group)))];
    }

    /// <summary>The stem, where all of it is one blueprint; else each keeps its first entry's full name.</summary>
    private string NameOf(string stem, List<List<Entry>> groups, List<Entry> group)
    {
        var first = group[0].Agent;
        if (groups.Count > 1)
        {
            report.Warn(first.Position, $"{first.Name} has other settings than {(groups[0] == group ? groups[1] : groups[0])[0].Agent.Name}, so it stays a blueprint of its own.");
            return _names.Unique(first.Name, first.Position);
        }

        return _names.Unique(stem, first.Position);
    }

    private ConvertedAgent Blueprint(string name, List<Entry> entries)
    {
        var first = entries[0];
        var live = entries.Where(entry => entry.Stopped is null).ToList();
        foreach (var stopped in entries.Where(entry => entry.Stopped is not null))
        {
            report.Note(
                stopped.Agent.Position,
                live.Count > 0 ? $"{stopped.Agent.Name} is {stopped.Stopped} and is not counted in {name}." : $"{stopped.Agent.Name} is {stopped.Stopped}: {name} is kept, paused.");
        }

        if (entries.Count > 1)
        {
            report.Note(first.Agent.Position, $"{string.Join(", ", entries.Select(entry => entry.Agent.Name))} are one blueprint, {name}.");
        }
        else if (name == first.Agent.Stem && name != first.Agent.Name)
        {
            report.Note(first.Agent.Position, $"{first.Agent.Name} is the blueprint {name}: a number in its name means nothing.");
        }

        var instances = (live.Count > 0 ? live : entries).Sum(entry => (long)entry.Instances);
        if (instances > MostInstances)
        {
            throw first.Agent.Position.Error($"{name} would have more than 100000 instances.");
        }

        var files = AgentScripts.Read(first.Agent, entryPoint, report);
        var isCustom = first.Spec.Type == BlueprintType.Custom && files.Count == 0;
        var spec = first.Spec with
        {
            Role = first.Role == name ? null : first.Role,
            Type = isCustom ? BlueprintType.Custom : BlueprintType.Scripts,
            MaxInstances = (int)instances,
            Paused = live.Count == 0,
            OpensPullRequests = !first.IsReviewer,
            Scripts = isCustom ? null : new BlueprintScripts { ConfigMapName = $"{name}-scripts" },
        };
        if (isCustom)
        {
            report.Warn(first.Agent.Position, $"{first.Agent.Name} is of type custom and has no scripts: the image's own program will run.");
        }
        else if (files.Count == 0)
        {
            report.Warn(first.Agent.Position, $"no file of {first.Agent.Name} was found: make the ConfigMap {name}-scripts with a file named run, or its agents cannot start.");
        }
        else if (!files.ContainsKey("run"))
        {
            report.Warn(first.Agent.Position, $"{first.Agent.Name} has no file named run, which is what starts its agent: add one to the ConfigMap {name}-scripts, or name one by --run.");
        }

        return new ConvertedAgent(
            new AgentBlueprint { Metadata = new ObjectMeta { Name = name }, Spec = spec },
            files,
            first.Role,
            first.IsReviewer,
            [.. entries.SelectMany(entry => entry.Names).Append(name).Distinct(StringComparer.Ordinal)],
            first.Agent.Position);
    }

    private Entry Read(LegacyAgent agent)
    {
        var settings = agent.Settings;
        var type = settings.Text("type");
        var written = settings.Text("role");
        var word = written is null or "custom" ? (type is null or "custom" or "scripts" ? agent.Stem : type) : written;
        var role = KubernetesNames.Label(word);
        role = role == "implement" ? "implementer" : role;
        if (role != word)
        {
            report.Note(settings.Peek("role")?.Position ?? agent.Position, $"the role {MigrationReport.Printable(word)} is now {role}.");
        }

        Expect(settings.Scalar("spawn_mode"), "scripts");
        Expect(settings.Scalar("claim_from"), "incoming", "provisional");
        var isReviewer = settings.Scalar("claim_from")?.Text == "provisional" || role == "reviewer" || role.Contains("gatekeeper", StringComparison.Ordinal);
        var isDisabled = settings.Flag("enabled") == false;
        var isPaused = settings.Flag("paused") == true;
        var model = settings.Scalar("model");
        model?.Use();
        if (model is { Text: var text } && (text.Length is 0 or > 253 || text.Contains('\0', StringComparison.Ordinal)))
        {
            throw model.Error("must have 1 to 253 characters.");
        }

        var spec = new AgentBlueprintSpec
        {
            Image = image,
            Model = model?.Text,
            MaxTurns = settings.Whole("max_turns", 1, 100_000),
            Type = type == "custom" && agent.Folder is null ? BlueprintType.Custom : BlueprintType.Scripts,
        };
        return new Entry(
            agent,
            spec,
            role,
            isReviewer,
            [.. new[] { agent.Name, agent.Stem, settings.Text("name"), written, type is "custom" or "scripts" ? null : type }.OfType<string>()],
            settings.Whole("max_instances", 0, MostInstances) ?? 1,
            isDisabled ? "disabled" : isPaused ? "paused" : null);
    }

    /// <summary>Takes a setting that says what is so anyway; any other value stays unasked for, and so is reported.</summary>
    private static void Expect(LegacyScalar? setting, params ReadOnlySpan<string> words)
    {
        if (setting is not null && words.Contains(setting.Text))
        {
            setting.Use();
        }
    }
}
