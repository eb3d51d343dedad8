using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Runner;

/// <summary>The examples' scripts under the real runner, with stand-ins for the tools that they call.</summary>
public sealed class ExampleScriptsTests
{
    private const string Prompt = "The login of \"O'Brien\" fails: $(touch hacked) `touch hacked` ${HOME} %s \\n\n\n-- second line\t; rm -rf . #\nend, without a line end";

    private const string Envelope = """
        {"type":"result","subtype":"success","is_error":false,"duration_ms":48213,"duration_api_ms":45100,"num_turns":7,"result":"Login \"mended\"\nand $(tested).","session_id":"6f1c0f0e","total_cost_usd":0.123456789012,"usage":{"input_tokens":12,"cache_creation_input_tokens":2000,"cache_read_input_tokens":30000,"output_tokens":950,"service_tier":"standard"},"permission_denials":[],"uuid":"0e6f"}
        """;

    private const string Ended = """
        {"type":"result","subtype":"SUBTYPE","is_error":true,"duration_ms":9000,"num_turns":60,"session_id":"6f1c0f0e","total_cost_usd":1.5,"usage":{"input_tokens":5,"output_tokens":6}}
        """;

    private const string Refused = """
        {"type":"result","subtype":"success","is_error":true,"num_turns":1,"result":"Invalid API key","total_cost_usd":0,"usage":{"input_tokens":0,"output_tokens":0}}
        """;

    private const string Events = """
        {"type":"thread.started","thread_id":"0199a213"}
        {"type":"turn.started"}
        {"type":"item.completed","item":{"id":"item_0","type":"reasoning","text":"**Looking**"}}
        {"type":"item.started","item":{"id":"item_1","type":"command_execution","command":"bash -lc ls","aggregated_output":"","exit_code":null,"status":"in_progress"}}
        {"type":"item.completed","item":{"id":"item_2","type":"agent_message","text":"I look."}}
        {"type":"item.completed","item":{"id":"item_3","type":"agent_message","text":"Login \"mended\"\nand $(tested)."}}
        {"type":"turn.completed","usage":{"input_tokens":24763,"cached_input_tokens":24448,"output_tokens":122}}
        """;

    private const string TurnFailed = """
        {"type":"thread.started","thread_id":"0199a213"}
        {"type":"turn.started"}
        {"type":"error","message":"stream error: 401 Unauthorized"}
        {"type":"turn.failed","error":{"message":"401 Unauthorized: \"no key\""}}
        """;

    public static TheoryData<string> AllShells() => Shells.All();

    public static TheoryData<string, string, int, string, string, string> ClaudeAnswers() => new()
    {
        { Ended.Replace("SUBTYPE", "error_max_turns", StringComparison.Ordinal), "", 1, "needs_continuation", "", "Not done within the limit of turns. It said nothing." },
        { Ended.Replace("SUBTYPE", "error_during_execution", StringComparison.Ordinal), "", 1, "failed", "AgentError", "error_during_execution: It said nothing." },
        { Refused, "", 1, "failed", "AgentError", "Invalid API key" },
        { """{"type":"result","num_turns":"many"}""", "", 0, "failed", "AgentError", "null: It said nothing." },
        { "Segmentation fault {", "no memory $(touch hacked)", 139, "failed", "NoAnswer", "claude exited with 139 and printed no result: no memory $(touch hacked)" },
        { """{"type":"assistant","result":"no envelope"}""", "", 0, "failed", "NoAnswer", "claude exited with 0 and printed no result: " },
        { "", "", 0, "failed", "NoAnswer", "claude exited with 0 and printed no result: " },
    };

    public static TheoryData<string, int, string, string> CodexAnswers() => new()
    {
        { TurnFailed, 1, "AgentError", "401 Unauthorized: \"no key\"" },
        { """{"type":"turn.failed"}""", 1, "AgentError", "It did not say why." },
        { """{"type":"error","message":"no such model"}""", 2, "NoAnswer", "codex exited with 2 before its turn was over. no such model" },
        { "panicked at {", 101, "NoAnswer", "codex exited with 101 before its turn was over. " },
        { "", 0, "NoAnswer", "codex exited with 0 before its turn was over. " },
    };

    [Theory, MemberData(nameof(AllShells))]
    public async Task Claude_Code_that_is_done_finishes_with_what_it_said_and_used(string shell)
    {
        using var pod = Pod(shell);
        pod.Environment["OCTOPOID_MODEL"] = "sonnet; touch hacked";
        pod.Environment["OCTOPOID_MAX_TURNS"] = "60";
        StandIn(pod, "claude", $"a warning\n{Envelope}\n");

        using var run = await pod.AttemptAsync(Script("claude-code"));

        Assert.Equal(("done", "Login \"mended\"\nand $(tested).", 1), (run.Outcome, run.Comment, run.Commits));
        Assert.Equal((7, 32012, 950, "0.123457"), Used(run));
        Assert.Equal(Prompt, File.ReadAllText(pod.At("asked")));
        Assert.Equal(
            "-p\n--output-format\njson\n--dangerously-skip-permissions\n--model\nsonnet; touch hacked\n--max-turns\n60\n", File.ReadAllText(pod.At("arguments")));
        Assert.False(File.Exists(pod.At("work/hacked")));
    }

    [Theory, MemberData(nameof(ClaudeAnswers))]
    public async Task Claude_Code_that_is_not_done_says_why_and_keeps_its_work(
        string answer, string error, int exitCode, string outcome, string reason, string comment)
    {
        using var pod = Pod(Shells.System);
        StandIn(pod, "claude", answer, error, exitCode);

        using var run = await pod.AttemptAsync(Script("claude-code"));

        Assert.Equal((outcome, reason, comment), (run.Outcome, run.Reason, run.Comment));
        Assert.Equal((1, pod.RemoteHead()), (run.Commits, run.HeadSha));
        Assert.Equal("-p\n--output-format\njson\n--dangerously-skip-permissions\n", File.ReadAllText(pod.At("arguments")));
        Assert.False(File.Exists(pod.At("work/hacked")));
    }

    [Fact]
    public async Task What_Claude_Code_does_not_tell_of_counts_as_nothing()
    {
        using var pod = Pod(Shells.System);
        StandIn(pod, "claude", """[{"type":"system"},{"type":"result","subtype":"success","is_error":false,"result":"Done.","total_cost_usd":0.00000012}]""");

        using var run = await pod.AttemptAsync(Script("claude-code"));

        Assert.Equal(("done", "Done."), (run.Outcome, run.Comment));
        Assert.Equal("0.000000", run.Message.GetProperty("costUSD").GetString());
        Assert.Equal((0, 0, 0), (run.Message.GetProperty("turns").GetInt32(), Tokens(run, "input"), Tokens(run, "output")));
    }

    [Theory]
    [InlineData("claude-code", "claude")]
    [InlineData("codex", "codex")]
    public async Task The_longest_prompt_arrives_with_its_feedback(string example, string tool)
    {
        using var pod = Pod(Shells.System);
        var prompt = new string('x', 128 << 10);
        File.WriteAllText(pod.At("task/prompt.md"), prompt);
        File.WriteAllText(pod.At("task/feedback.md"), "Add a \"test\" for $(this).");
        StandIn(pod, tool, tool == "claude" ? Envelope : Events);

        using var run = await pod.AttemptAsync(Script(example));

        var asked = File.ReadAllText(pod.At("asked"));
        Assert.Equal("done", run.Outcome);
        Assert.StartsWith(prompt + "\n\n", asked, StringComparison.Ordinal);
        Assert.EndsWith("\n\nAdd a \"test\" for $(this).", asked, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("claude-code", "claude")]
    [InlineData("codex", "codex")]
    public async Task Without_a_repository_nothing_is_committed(string example, string tool)
    {
        using var pod = Pod(Shells.System, repository: false);
        StandIn(pod, tool, tool == "claude" ? Envelope : Events);

        using var run = await pod.AttemptAsync(Script(example));

        Assert.Equal("done", run.Outcome);
        Assert.False(Directory.Exists(pod.At("work/.git")));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Codex_that_is_done_finishes_with_what_it_said_and_used(string shell)
    {
        using var pod = Pod(shell);
        pod.Environment["OCTOPOID_MODEL"] = "a model";
        StandIn(pod, "codex", Events);

        using var run = await pod.AttemptAsync(Script("codex"));

        Assert.Equal(("done", "Login \"mended\"\nand $(tested).", 1), (run.Outcome, run.Comment, run.Commits));
        Assert.Equal((24763, 122), (Tokens(run, "input"), Tokens(run, "output")));
        Assert.Equal(0, run.Message.GetProperty("turns").GetInt32());
        Assert.False(run.Message.TryGetProperty("costUSD", out _));
        Assert.Equal(Prompt, File.ReadAllText(pod.At("asked")));
        Assert.Equal(
            "exec\n--json\n--sandbox\ndanger-full-access\n--skip-git-repo-check\n--model\na model\n-\n", File.ReadAllText(pod.At("arguments")));
        Assert.Contains("command_execution", run.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(pod.At("work/hacked")));
    }

    [Theory, MemberData(nameof(CodexAnswers))]
    public async Task Codex_that_is_not_done_says_why_and_keeps_its_work(string answer, int exitCode, string reason, string comment)
    {
        using var pod = Pod(Shells.System);
        StandIn(pod, "codex", answer, exitCode: exitCode);

        using var run = await pod.AttemptAsync(Script("codex"));

        Assert.Equal(("failed", reason, comment), (run.Outcome, run.Reason, run.Comment));
        Assert.Equal((1, pod.RemoteHead()), (run.Commits, run.HeadSha));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task The_plain_script_adds_the_prompt_as_it_is(string shell)
    {
        using var pod = Pod(shell);
        pod.CommitElsewhere("main", "CHANGELOG.md");

        using var run = await pod.AttemptAsync(Script("plain-script"));

        Assert.Equal(("done", "An entry was added to CHANGELOG.md.", 1), (run.Outcome, run.Comment, run.Commits));
        Assert.Equal(
            $"by somebody else\n\n## Mend \"it\" $(now)\n\n{Prompt}\n", AgentPod.Git("-C", pod.Remote, "show", $"{pod.Branch}:CHANGELOG.md"));
        Assert.False(File.Exists(pod.At("work/hacked")));
    }

    [Fact]
    public async Task The_plain_script_fails_where_there_is_no_changelog()
    {
        using var pod = Pod(Shells.System);

        using var run = await pod.AttemptAsync(Script("plain-script"));

        Assert.Equal(("failed", "NoChangelog", "There is no CHANGELOG.md in main.", 0), (run.Outcome, run.Reason, run.Comment, run.Commits));
    }

    [Fact]
    public async Task Shellcheck_finds_nothing_in_the_examples()
    {
        Assert.SkipWhen(Shells.OnPath("shellcheck") is null, "There is no shellcheck on PATH; make test brings one.");
        using var pod = new AgentPod(Shells.System);
        pod.Environment["LC_ALL"] = "C.UTF-8";

        using var run = await pod.Start(Shells.OnPath("shellcheck")!, [.. new[] { "claude-code", "codex", "plain-script" }.Select(Path)]).EndAsync();

        Assert.True(run.ExitCode == 0, run.Output);
    }

    private static AgentPod Pod(string shell, bool repository = true)
    {
        Assert.SkipWhen(Shells.OnPath("jq") is null, "There is no jq on PATH.");
        var pod = new AgentPod(shell, repository);
        File.CreateSymbolicLink(pod.At("tools/jq"), Shells.OnPath("jq")!);
        Directory.CreateDirectory(pod.At("task"));
        File.WriteAllText(pod.At("task/prompt.md"), Prompt);
        File.WriteAllText(pod.At("task/feedback.md"), "");
        pod.Environment["OCTOPOID_TITLE"] = "Mend \"it\" $(now)";
        pod.Environment["OCTOPOID_PROMPT_FILE"] = pod.At("task/prompt.md");
        pod.Environment["OCTOPOID_FEEDBACK_FILE"] = pod.At("task/feedback.md");
        return pod;
    }

    /// <summary>A tool that notes what it is asked, edits a file and gives a recorded answer.</summary>
    private static void StandIn(AgentPod pod, string tool, string answer, string error = "", int exitCode = 0)
    {
        File.WriteAllText(pod.At("answer"), answer);
        File.WriteAllText(pod.At("error"), error);
        pod.Tool(tool, $"""
            printf '%s\n' "$@" >'{pod.At("arguments")}'
            cat >'{pod.At("asked")}'
            echo edited >edited
            cat '{pod.At("answer")}'
            cat '{pod.At("error")}' >&2
            exit {exitCode}
            """);
    }

    private static string Script(string example) => File.ReadAllText(Path(example));

    private static string Path(string example) => RepositoryRoot.Combine("examples", example, "scripts", "run");

    private static (int Turns, int Input, int Output, string? Cost) Used(ContainerRun run) =>
        (run.Message.GetProperty("turns").GetInt32(), Tokens(run, "input"), Tokens(run, "output"), run.Message.GetProperty("costUSD").GetString());

    private static int Tokens(ContainerRun run, string which) => run.Message.GetProperty("tokens").GetProperty(which).GetInt32();
}
