using System.Globalization;
using CsCheck;
using Octopoid.Cli.Migration;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Cli.Tests.Migration;

/// <summary>What becomes of entries, and that nothing is lost in silence.</summary>
public sealed class MigrationRuleTests
{
    private static readonly Gen<string?> _setting = Any<string?>(null, null, "7", "8");

    /// <summary>An entry: its name, what stops it, how many, and settings that have a place and that have none.</summary>
    private static readonly Gen<Dictionary<string, string>> _entry =
        from stem in Any("implementer", "gatekeeper", "fixer")
        from number in Gen.Int[1, 4]
        from stop in Any("", "", "enabled: false", "paused: true")
        from instances in Gen.Int[0, 4]
        from model in Any("sonnet", "opus")
        from turns in _setting
        from interval in _setting
        from odd in _setting
        from list in _setting
        select new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["name"] = FormattableString.Invariant($"{stem}-{number}"),
            [stop.Split(':')[0]] = stop.Split(": ").ElementAtOrDefault(1),
            ["max_instances"] = instances == 0 ? null : instances.ToString(CultureInfo.InvariantCulture),
            ["model"] = model,
            ["max_turns"] = turns,
            ["interval_seconds"] = interval,
            ["odd"] = odd,
            ["list"] = list is null ? null : $"[{list}, {list}]",
        }.Where(field => field.Value is not null).ToDictionary(field => field.Key, field => field.Value!, StringComparer.Ordinal);

    [Fact]
    public void No_setting_is_lost_in_silence_and_the_instances_are_those_that_live() =>
        _entry.Array[1, 6].Sample(
            entries =>
            {
                using var project = new Written(entries);

                var (manifests, report) = Migrated.Project(project.File, MigrateCommandLine.Image, null, null);

                var blueprints = MigrateCommandLine.Blueprints(manifests);
                var lines = report.Lines.Where(line => line.Contains(": unplaced: ", StringComparison.Ordinal)).ToList();
                var live = entries.Where(entry => entry.GetValueOrDefault("enabled") != "false" && entry.GetValueOrDefault("paused") != "true").ToList();
                Assert.Equal(live.Sum(Count), blueprints.Where(b => !b.Spec.Paused).Sum(b => b.Spec.MaxInstances));
                Assert.Equal(entries.SelectMany(entry => entry.Keys).Count(key => key is "interval_seconds" or "odd" or "list"), lines.Count);
                foreach (var (i, entry) in entries.Index())
                {
                    foreach (var (key, value) in entry.Where(field => field.Key is "interval_seconds" or "odd" or "list"))
                    {
                        Assert.Contains(lines, line => line.Contains(FormattableString.Invariant($" agents[{i}].{key} = {value}: "), StringComparison.Ordinal));
                    }
                }

                foreach (var entry in live)
                {
                    var stem = entry["name"][..^2];
                    Assert.Contains(blueprints, b => !b.Spec.Paused && b.Spec.Model == entry["model"] && (b.Spec.Role ?? b.Metadata.Name) == stem
                        && b.Spec.MaxTurns?.ToString(CultureInfo.InvariantCulture) == entry.GetValueOrDefault("max_turns"));
                }

                Assert.Equal(blueprints.Count, blueprints.Select(b => b.Metadata.Name).Distinct(StringComparer.Ordinal).Count());
                Assert.Equal(entries.Select(Settings).Distinct(StringComparer.Ordinal).Count(), blueprints.Count);
            },
            iter: 300);

    [Fact]
    public async Task Entries_that_are_all_stopped_are_kept_and_paused()
    {
        await using var project = MigrateCommandLine.Project("agents: [{name: a-1, paused: true, max_instances: 2}, {name: a-2, enabled: no}]");

        var blueprint = Assert.Single(MigrateCommandLine.Blueprints(await MigrateCommandLine.ObjectsAsync(project.Path)));

        Assert.Equal(("a", 3, true), (blueprint.Metadata.Name, blueprint.Spec.MaxInstances, blueprint.Spec.Paused));
    }

    [Fact]
    public async Task An_entry_with_other_settings_stays_apart_and_is_told()
    {
        await using var project = MigrateCommandLine.Project("agents: [{name: impl-1, model: sonnet}, {name: impl-2, model: opus}]");

        var (_, output, error) = await MigrateCommandLine.RunAsync(project.Path, "-o", "json");

        Assert.Equal(
            [("impl-1", "impl", "sonnet"), ("impl-2", "impl", "opus")],
            MigrateCommandLine.Blueprints(MigrateCommandLine.Objects(output)).Select(b => (b.Metadata.Name, b.Spec.Role!, b.Spec.Model!)));
        Assert.Contains("agents.yaml:1:41: warning: impl-2 has other settings than impl-1, so it stays a blueprint of its own.", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kind_of_workflow_is_no_model()
    {
        await using var project = MigrateCommandLine.Project("model: task\nagents: [{name: a}]");

        var blueprint = Assert.Single(MigrateCommandLine.Blueprints(await MigrateCommandLine.ObjectsAsync(project.Path)));

        Assert.Null(blueprint.Spec.Model);
    }

    [Fact]
    public async Task A_reviewer_opens_no_pull_requests_and_gets_a_flow()
    {
        await using var project = MigrateCommandLine.Project("agents: [{name: i, role: implement}, {name: critic, role: checker, claim_from: provisional}]");

        var objects = await MigrateCommandLine.ObjectsAsync(project.Path);

        Assert.Equal([true, false], MigrateCommandLine.Blueprints(objects).Select(b => b.Spec.OpensPullRequests));
        var flow = Assert.Single(MigrateCommandLine.Of(objects, AgentFlow.KindName, KindsJson.Default.AgentFlow));
        Assert.Equal("checker", flow.Spec.Transitions[^1].Conditions![0].Agent);
        Assert.Equal("implementer", flow.Spec.Transitions[0].Agent);
    }

    [Fact]
    public async Task Strict_writes_nothing_where_a_setting_has_no_place()
    {
        var (exitCode, output, error) = await MigrateCommandLine.RunAsync(MigrateCommandLine.Case("folders"), "--strict");

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.EndsWith("error: 3 settings have no place, and --strict is given. Nothing was written.\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_are_not_shown()
    {
        await using var project = MigrateCommandLine.Project("""
            agents:
              - name: a
                api_key: s3cret1
                env: {DB_PASSWORD: s3cret2, list: [{token: s3cret3}], url: "https://me:s3cret4@example.org"}
                max_instances: 1
            """);

        var (_, output, error) = await MigrateCommandLine.RunAsync(project.Path);

        Assert.DoesNotContain("s3cret", output + error, StringComparison.Ordinal);
        Assert.Contains("agents[0].api_key = (not shown): ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_gets_one_file_for_each_object_and_keeps_what_it_has()
    {
        await using var folder = new TemporaryFolder("migrate-");
        var target = folder.Combine("out");
        string[] arguments = [MigrateCommandLine.Case("folders"), "-d", target];

        Assert.Equal(0, (await MigrateCommandLine.RunAsync(arguments)).ExitCode);
        Assert.Equal(
            [
                "agentblueprint-gatekeeper.yaml", "agentblueprint-implementer.yaml", "agentflow-default.yaml", "agentorchestrator-default.yaml",
                "agentrepository-blog.yaml", "configmap-gatekeeper-scripts.yaml", "configmap-implementer-scripts.yaml",
            ],
            Directory.GetFiles(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        var kept = Path.Combine(target, "agentrepository-blog.yaml");
        await File.WriteAllTextAsync(kept, "mine", TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(target, "agentflow-default.yaml"));
        var (exitCode, _, error) = await MigrateCommandLine.RunAsync(arguments);
        Assert.Equal(1, exitCode);
        Assert.Contains("the file exists. Nothing was written; --force overwrites.", error, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken));
        Assert.False(File.Exists(Path.Combine(target, "agentflow-default.yaml")));

        Assert.Equal(0, (await MigrateCommandLine.RunAsync([.. arguments, "--force"])).ExitCode);
        Assert.StartsWith("apiVersion: ", await File.ReadAllTextAsync(kept, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_script_that_is_named_becomes_the_entry_point_where_there_is_none()
    {
        await using var project = MigrateCommandLine.Project("agents: [{name: a}]");
        var script = project.Combine("start.sh");
        await File.WriteAllTextAsync(script, "#!/bin/sh\nfinish\n", TestContext.Current.CancellationToken);

        var objects = await MigrateCommandLine.ObjectsAsync(project.Path, "--run", script);

        Assert.Equal("#!/bin/sh\nfinish\n", (string?)objects.Single(item => (string?)item["kind"] == "ConfigMap")["data"]!["run"]);
    }

    [Fact]
    public async Task Scripts_beyond_what_a_config_map_holds_are_refused()
    {
        await using var project = MigrateCommandLine.Project("agents: {a: {scripts_dir: scripts}}");
        Directory.CreateDirectory(project.Combine("scripts"));
        foreach (var name in new[] { "run", "more" })
        {
            await File.WriteAllTextAsync(Path.Combine(project.Combine("scripts"), name), new string('x', 600_000), TestContext.Current.CancellationToken);
        }

        var (exitCode, _, error) = await MigrateCommandLine.RunAsync(project.Path);

        Assert.Equal(1, exitCode);
        Assert.Equal($"error: {project.Combine("agents.yaml")}:1:13: The scripts of a have more than 1 MiB, which no ConfigMap holds: put them into the image.\n", error);
    }

    private static Gen<T> Any<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static int Count(Dictionary<string, string> entry) => int.Parse(entry.GetValueOrDefault("max_instances", "1"), CultureInfo.InvariantCulture);

    private static string Settings(Dictionary<string, string> entry) => string.Join(
        ' ',
        entry.Where(field => field.Key is not ("name" or "enabled" or "paused" or "max_instances")).Select(field => $"{field.Key}={field.Value}")
            .Order(StringComparer.Ordinal).Prepend(entry["name"][..^2]));

    /// <summary>Entries in a file for as long as they are needed.</summary>
    private sealed class Written : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("migrate-").FullName;

        public Written(IEnumerable<Dictionary<string, string>> entries) => System.IO.File.WriteAllText(
            File, $"agents:\n{string.Concat(entries.Select(entry => $"  - {{{string.Join(", ", entry.Select(field => $"{field.Key}: {field.Value}"))}}}\n"))}");

        public string File => Path.Combine(_folder, "agents.yaml");

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
