using System.Text.Json.Nodes;
using CsCheck;
using Octopoid.Cli.Migration;
using Octopoid.Cli.Output;

namespace Octopoid.Cli.Tests.Migration;

/// <summary>Broken, odd and hostile YAML: each error names its line and column.</summary>
public sealed class MigrationYamlTests
{
    [Theory]
    [InlineData("agents:\n\t- name: a", "2:1", "A tab indents this line; YAML takes spaces only.")]
    [InlineData("agents:\n  - name: a\n  \t  model: b", "3:3", "A tab indents this line; YAML takes spaces only.")]
    [InlineData("agents:\n  - name: [a\n", "3:1")]
    [InlineData("agents:\n  - {name: a, model: x, model: y}", "2:25", "The key model stands here a second time.")]
    [InlineData("agents: {a: {}}\n---\nagents: {b: {}}", "2:1", "The file has a second document; one is expected.")]
    [InlineData("- name: a", "1:1", "The file must be a mapping.")]
    [InlineData("agents: 3", "1:9", "agents must be a list of agents or a mapping of them.")]
    [InlineData("agents:\n  - name: a\n  - just words", "3:5", "agents[1] must be a mapping of an agent's settings.")]
    [InlineData("agents:\n  - model: sonnet", "2:5", "agents[0] needs a name.")]
    [InlineData("agents: {a: {max_instances: many}}", "1:29", "agents.a.max_instances must be a whole number from 0 to 100000.")]
    [InlineData("agents: {a: {enabled: perhaps}}", "1:23", "agents.a.enabled must be true or false.")]
    [InlineData("agents: {a: {model: [x]}}", "1:21", "agents.a.model must be a text.")]
    [InlineData("agents: {a: {agent_dir: ../..}}", "1:25", "agents.a.agent_dir must name a folder of the project.")]
    [InlineData("agents: *nobody", "1:9")]
    [InlineData("agents: &a {b: *a}", "1:16", "The alias *a stands in what it is an alias of.")]
    [InlineData("agents: {a: {<<: 3}}", "1:18", "<< takes a mapping, or a list of them.")]
    [InlineData("agents: {a: {? [b] : c}}", "1:16", "A key must be a text.")]
    [InlineData("agents: {}", "1:1", "No agents were found here: neither a list or map of them, nor folders agents/NAME with an agent.yaml.")]
    [InlineData("agents: []", "1:1")]
    [InlineData("", "1:1")]
    public async Task An_error_names_its_line_and_column(string yaml, string place, string? sentence = null)
    {
        await using var project = MigrateCommandLine.Project(yaml);

        var (exitCode, output, error) = await MigrateCommandLine.RunAsync(project.Path);

        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.StartsWith($"error: {project.Combine("agents.yaml")}:{place}: {sentence}", error, StringComparison.Ordinal);
        Assert.EndsWith(".\n", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nested_without_end_is_refused()
    {
        var failure = Assert.Throws<CliException>(() => LegacyYaml.Parse("f", string.Concat(Enumerable.Repeat("{a: ", 20_000))));

        Assert.Equal("f:1:261: The file is nested deeper than 64 levels.", failure.Message);
    }

    [Fact]
    public void What_aliases_unfold_to_is_bounded()
    {
        var lines = Enumerable.Range(1, 9).Select(i => $"l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 9))}]");

        var failure = Assert.Throws<CliException>(() => LegacyYaml.Parse("f", $"l0: &l0 [x, x, x, x, x, x, x, x, x]\n{string.Join('\n', lines)}"));

        Assert.EndsWith("The file has more than 100,000 values, with what its aliases stand for.", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_byte_order_mark_anchors_and_merge_keys_are_understood()
    {
        await using var project = MigrateCommandLine.Project("""
            x-slow: &slow {max_turns: 10}
            x-wise: &wise {model: opus, max_turns: 20}
            agents:
              a: {<<: [*slow, *wise], role: implementer}
              b: &b {<<: *wise, max_turns: 30, role: implementer}
              c: *b
            """);
        var file = project.Combine("agents.yaml");
        await File.WriteAllBytesAsync(file, [0xEF, 0xBB, 0xBF, .. await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken)], TestContext.Current.CancellationToken);

        var blueprints = MigrateCommandLine.Blueprints(await MigrateCommandLine.ObjectsAsync(project.Path, "--strict"));

        Assert.Equal([("a", "opus", 10), ("b", "opus", 30), ("c", "opus", 30)], blueprints.Select(b => (b.Metadata.Name, b.Spec.Model!, b.Spec.MaxTurns!.Value)));
    }

    [Fact]
    public async Task A_file_that_is_no_utf8_is_refused()
    {
        await using var project = MigrateCommandLine.Project("");
        await File.WriteAllBytesAsync(project.Combine("agents.yaml"), [0x61, 0x3A, 0x20, 0xC3, 0x28], TestContext.Current.CancellationToken);

        var (exitCode, _, error) = await MigrateCommandLine.RunAsync(project.Path);

        Assert.Equal(1, exitCode);
        Assert.Equal($"error: {project.Combine("agents.yaml")}:1:1: The file is not UTF-8.\n", error);
    }

    [Fact]
    public void A_script_is_written_as_it_is_whatever_is_in_it()
    {
        string[] pieces = ["\n", " ", "\t", "\r", "#", ": ", "- ", "a", "é", "\u2028", "\u0085", "---", "...", "|", "'", "\"", "\\", "%", "\u001b", "\ufeff", "🐙"];
        Gen.Int[0, pieces.Length - 1].Select(i => pieces[i]).Array[0, 12].Select(string.Concat).Sample(
            text =>
            {
                using var written = new StringWriter();
                Documents.Write(written, OutputFormat.Yaml, new JsonObject { ["data"] = new JsonObject { ["run"] = text } }, CliJson.Default.JsonObject);
                var data = Assert.IsType<LegacyMap>(LegacyYaml.Parse("f", written.ToString()).Peek("data"));
                Assert.Equal(text, Assert.IsType<LegacyScalar>(data.Fields[0].Value).Text);
            },
            iter: 2_000);
    }
}
