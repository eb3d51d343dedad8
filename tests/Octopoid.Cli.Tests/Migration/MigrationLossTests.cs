using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Cli.Tests.Migration;

/// <summary>What hides, shares and leaks: settings behind aliases and defaults, agents of one role, secrets.</summary>
public sealed class MigrationLossTests : IAsyncDisposable
{
    private readonly TemporaryFolder _project = new("migrate-");

    public ValueTask DisposeAsync() => _project.DisposeAsync();

    [Fact]
    public async Task What_another_entry_merges_and_overrides_is_still_lost_of_its_own()
    {
        Write("agents.yaml", "agents:\n  a: &a {role: implementer, focus: backend}\n  b: {<<: *a, role: tester, focus: frontend}\n");

        var report = await ReportAsync();

        Assert.Contains("unplaced: agents.a.focus = backend: ", report, StringComparison.Ordinal);
        Assert.Contains("unplaced: agents.b.focus = frontend: ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_that_one_entry_overrides_is_lost_of_the_other()
    {
        Write("agents/x/agent.yaml", "focus: backend\nmodel: sonnet\n");
        Write("agents.yaml", "agents:\n  - {name: e1, role: implementer, agent_dir: agents/x, focus: frontend, model: opus}\n  - {name: e2, role: implementer, agent_dir: agents/x, model: haiku}\n");

        var report = await ReportAsync();

        Assert.Contains("agent.yaml:1:8: unplaced: focus = backend: ", report, StringComparison.Ordinal);
        Assert.Contains("unplaced: agents[0].focus = frontend: ", report, StringComparison.Ordinal);

        // Every entry has a model of its own, so this default means nothing to anybody.
        Assert.DoesNotContain("sonnet", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_anchor_and_its_alias_are_lost_each_by_its_own_name()
    {
        Write("agents.yaml", "agents:\n  - {name: a, role: implementer, focus: &t zzz}\n  - {name: b, role: tester, type_filter: *t}\n");

        var report = await ReportAsync();

        Assert.Contains("unplaced: agents[0].focus = zzz: ", report, StringComparison.Ordinal);
        Assert.Contains("unplaced: agents[1].type_filter = zzz: ", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_that_a_flow_tells_apart_by_name_stay_apart()
    {
        Write("agents.yaml", """
            agents:
              implementer: {role: implementer}
              sanity-gatekeeper: {role: gatekeeper, claim_from: provisional, model: sonnet}
              security-gatekeeper: {role: gatekeeper, claim_from: provisional, model: opus}
            """);
        Write("flows/default.yaml", """
            transitions:
              "incoming -> claimed": {agent: implementer}
              "claimed -> done":
                conditions:
                  - {name: sanity, type: agent, agent: sanity-gatekeeper}
                  - {name: security, type: agent, agent: security-gatekeeper}
            """);

        var objects = await MigrateCommandLine.ObjectsAsync(_project.Path);

        var flow = Assert.Single(MigrateCommandLine.Of(objects, AgentFlow.KindName, KindsJson.Default.AgentFlow));
        Assert.Equal(["sanity-gatekeeper", "security-gatekeeper"], flow.Spec.Transitions[1].Conditions!.Take(2).Select(condition => condition.Agent));
        Assert.Equal(["implementer", "sanity-gatekeeper", "security-gatekeeper"], MigrateCommandLine.Blueprints(objects).Select(b => b.Spec.Role ?? b.Metadata.Name));
    }

    [Fact]
    public async Task Agents_that_a_flow_means_by_their_role_share_it()
    {
        Write("agents.yaml", "agents:\n  fast: {role: implementer, model: haiku}\n  slow: {role: implementer, model: opus}\n");
        Write("flows/default.yaml", "transitions:\n  \"incoming -> claimed\": {agent: implementer}\n  \"claimed -> done\": {}\n");

        Assert.All(MigrateCommandLine.Blueprints(await MigrateCommandLine.ObjectsAsync(_project.Path)), b => Assert.Equal("implementer", b.Spec.Role));
    }

    [Fact]
    public async Task Only_scripts_and_prompts_become_files_of_a_ConfigMap()
    {
        Write("agents/x/agent.yaml", "role: implementer\n");
        Write("agents/x/prompt.md", "Do it.\n");
        Write("agents/x/.env", "KEY=hunter2\n");
        Write("agents/x/notes.txt", "hunter2\n");
        Write("agents/x/scripts/.netrc", "hunter2\n");
        Write("agents/x/scripts/run", "#!/bin/sh\nfinish\n");

        var (exitCode, output, error) = await MigrateCommandLine.RunAsync(_project.Path);

        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("hunter2", output + error, StringComparison.Ordinal);
        Assert.Contains(".netrc:1:1: warning: ", error, StringComparison.Ordinal);
        Assert.Contains("prompt.md: |", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://bob:hunter/2@host.example/x.git")]
    [InlineData("https://host.example/x.git?private_token=hunter2")]
    [InlineData("https://host.example/x.git#hunter2")]
    public async Task A_URL_with_a_secret_in_an_odd_place_is_refused_and_not_shown(string url)
    {
        Write("agents.yaml", "agents: [{name: a, role: implementer}]\n");
        Write("config.yaml", $"repo: {{url: \"{url}\"}}\n");

        var (exitCode, output, error) = await MigrateCommandLine.RunAsync(_project.Path);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.DoesNotContain("hunter", error, StringComparison.Ordinal);
        Assert.Contains("config.yaml:1:13: repo.url must have neither a query nor", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pre_check: 'GITHUB_TOKEN=hunter2 AWS_SECRET_ACCESS_KEY=hunter2 curl x'")]
    [InlineData("odd: 'GITHUB_TOKEN=hunter2 curl x'")]
    [InlineData("odd: 'curl -H \"Authorization: Bearer hunter2\"'")]
    [InlineData("odd: 'https://hooks.slack.com/services/hunter2'")]
    [InlineData("env: {X: hunter2}")]
    [InlineData("pwd: hunter2")]
    [InlineData("odd: 'https://u:hunter2/w@h/'")]
    public async Task A_setting_that_looks_like_a_secret_is_named_and_not_shown(string setting)
    {
        Write("agents.yaml", $"agents:\n  - name: a\n    role: implementer\n    {setting}\n");

        var report = await ReportAsync();

        Assert.DoesNotContain("hunter2", report, StringComparison.Ordinal);
        Assert.Matches("unplaced: agents\\[0\\]\\.\\S+ = \\(not shown\\): ", report);
    }

    [Theory]
    [InlineData("no")]
    [InlineData("010")]
    [InlineData("1.0")]
    [InlineData("null")]
    public async Task The_name_of_a_script_is_read_back_as_it_was(string name)
    {
        Write("agents/x/agent.yaml", "role: implementer\n");
        Write($"agents/x/scripts/{name}", "x\n");

        var (_, output, _) = await MigrateCommandLine.RunAsync(_project.Path);

        Assert.Contains($"  \"{name}\": |", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_read_is_said_in_a_sentence()
    {
        Write("agents/x/agent.yaml", "role: implementer\n");
        Directory.CreateDirectory(_project.Combine("agents/x/scripts"));
        File.CreateSymbolicLink(_project.Combine("agents/x/prompt.md"), "/nothing");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(_project.Combine("agents/x/scripts/run")));

        var (exitCode, _, error) = await MigrateCommandLine.RunAsync(_project.Path);

        Assert.Equal(1, exitCode);
        Assert.StartsWith($"error: {_project.Path}: not all of it can be read: ", error, StringComparison.Ordinal);
    }

    private void Write(string name, string text)
    {
        var path = _project.Combine(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private async Task<string> ReportAsync()
    {
        var (exitCode, _, error) = await MigrateCommandLine.RunAsync(_project.Path);
        Assert.True(exitCode == 0, error);
        return error;
    }
}
