namespace Octopoid.Operator.Tests.Runner;

public sealed class OutcomeTests
{
    private const string Commit = "echo work >>file; git add -A; git commit -qm work\n";

    public static TheoryData<string> AllShells() => Shells.All();

    [Theory, MemberData(nameof(AllShells))]
    public async Task Exit_0_with_commits_is_done_and_the_branch_is_on_the_server(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync(Commit + Commit);

        Assert.Equal(("done", "", 0), (run.Outcome, run.Reason, run.ExitCode));
        Assert.Equal((2, pod.Branch, 1), (run.Commits, run.Message.GetProperty("branch").GetString(), run.Message.GetProperty("attempt").GetInt32()));
        Assert.Equal(pod.RemoteHead(), run.HeadSha);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Exit_0_without_word_or_commit_is_NoResult(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync("true");

        Assert.Equal(("failed", "NoResult", 1), (run.Outcome, run.Reason, run.ExitCode));
        Assert.Equal((0, pod.RemoteHead("main")), (run.Commits, run.HeadSha));
        Assert.Null(pod.RemoteHead());
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Done_without_a_commit_beyond_base_is_NoCommits_and_keeps_what_was_said(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync("echo uncommitted >file; finish 'all is well'");

        Assert.Equal(("failed", "NoCommits"), (run.Outcome, run.Reason));
        Assert.EndsWith("\n\nall is well", run.Comment);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Without_a_repository_the_word_is_enough_and_git_is_not_needed(string shell)
    {
        using var pod = new AgentPod(shell, repository: false);
        File.Delete(pod.At("tools/git"));

        using var run = await pod.AttemptAsync("finish");

        Assert.Equal(("done", 0), (run.Outcome, run.ExitCode));
        Assert.False(run.Message.TryGetProperty("commits", out _));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_pull_request_makes_done_of_no_commits(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync("submit-pr 0012 'https://forge.example/a/b/pull/12?x=\"y\"'");

        var pullRequest = run.Message.GetProperty("pullRequest");
        Assert.Equal("done", run.Outcome);
        Assert.Equal((12, "https://forge.example/a/b/pull/12?x=\"y\""), (pullRequest.GetProperty("number").GetInt32(), pullRequest.GetProperty("url").GetString()));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_failing_exit_code_is_the_reason_and_commits_are_kept(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync(Commit + "record-progress first; record-progress 'half way'; exit 3");

        Assert.Equal(("failed", "ExitCode3", 1), (run.Outcome, run.Reason, run.ExitCode));
        Assert.Equal("run exited with 3\n\nhalf way", run.Comment);
        Assert.Equal(pod.RemoteHead(), run.HeadSha);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_script_that_cannot_be_run_fails_with_the_shells_code(string shell)
    {
        using var pod = new AgentPod(shell);
        await pod.PrepareAsync("true");
        File.Delete(pod.At("scripts/run"));

        using var run = await pod.RunAsync();

        Assert.Equal("failed", run.Outcome);
        Assert.StartsWith("ExitCode12", run.Reason);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task The_agents_word_outweighs_the_exit_code(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync(Commit + "finish; exit 1");

        Assert.Equal(("done", 0), (run.Outcome, run.ExitCode));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task The_last_word_wins(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync(Commit + "finish; approve; fail 'the tests fail' 'three of them'");

        Assert.Equal(("failed", "the tests fail", "three of them"), (run.Outcome, run.Reason, run.Comment));
    }

    [Theory]
    [InlineData("needs-continuation", "needs_continuation", "")]
    [InlineData("needs-continuation 'at turn 200'", "needs_continuation", "at turn 200")]
    [InlineData("approve", "approved", "")]
    [InlineData("reject 'no tests'", "rejected", "no tests")]
    public async Task Each_command_has_its_outcome(string command, string outcome, string comment)
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync(command);

        Assert.Equal((outcome, "", comment, 0), (run.Outcome, run.Reason, run.Comment, run.ExitCode));
    }

    [Theory]
    [InlineData("PushFailed")]
    [InlineData("Terminated")]
    [InlineData("ExitCode7")]
    [InlineData("OutOfMemory")]
    [InlineData("NoVerdict")]
    public async Task The_runners_own_reasons_are_not_the_agents_to_give(string reason)
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync($"fail {reason}");

        Assert.Equal(("failed", "AgentFailed", reason), (run.Outcome, run.Reason, run.Comment));
    }

    [Theory]
    [InlineData("finish a b")]
    [InlineData("fail")]
    [InlineData("fail ''")]
    [InlineData("needs-continuation a b")]
    [InlineData("approve a b")]
    [InlineData("reject")]
    [InlineData("reject ''")]
    [InlineData("record-progress")]
    [InlineData("submit-pr 12")]
    [InlineData("submit-pr 0 https://a.example/1")]
    [InlineData("submit-pr x https://a.example/1")]
    [InlineData("submit-pr 1 javascript:x")]
    [InlineData("submit-pr 1 'https://a.example/ 1'")]
    public async Task A_wrong_call_exits_64_with_one_line_and_says_nothing(string command)
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync($"{command} 2>errors; echo $?; wc -l <errors; rm errors");

        Assert.Equal("64\n1\n", run.Output);
        Assert.Equal("NoResult", run.Reason);
    }

    [Theory]
    [InlineData("true", "failed", "NoVerdict")]
    [InlineData(Commit, "failed", "NoVerdict")]
    [InlineData("finish", "failed", "NoVerdict")]
    [InlineData("approve", "approved", "")]
    [InlineData("reject 'no tests'", "rejected", "")]
    [InlineData("needs-continuation", "needs_continuation", "")]
    [InlineData("exit 3", "failed", "ExitCode3")]
    [InlineData("fail Unreadable", "failed", "Unreadable")]
    public async Task A_review_ends_with_a_verdict_or_has_failed(string script, string outcome, string reason)
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_CONDITION"] = "review";

        using var run = await pod.AttemptAsync(script);

        Assert.Equal((outcome, reason), (run.Outcome, run.Reason));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_result_file_from_another_attempt_is_not_read(string shell)
    {
        using var pod = new AgentPod(shell);
        await pod.PrepareAsync("true");
        File.WriteAllText(pod.At("result/result"), "outcome: done\nreason: \n\nold");
        File.WriteAllText(pod.At("result/pull-request"), "7\nhttps://forge.example/7\n");
        File.WriteAllText(pod.At("result/progress"), "1\nold");

        using var run = await pod.RunAsync();

        Assert.Equal("NoResult", run.Reason);
        Assert.DoesNotContain("old", run.Comment);
        Assert.False(run.Message.TryGetProperty("pullRequest", out _));
    }

    [Theory]
    [InlineData("echo nonsense")]
    [InlineData("echo '{\"outcome\":\"done\"}'")]
    [InlineData("printf 'outcome: sublime\\n\\n'")]
    [InlineData(":")]
    public async Task A_result_file_that_no_command_wrote_is_malformed(string write)
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync($"{Commit}{write} >\"$OCTOPOID_RESULT_FILE\"");

        Assert.Equal(("failed", "MalformedResult"), (run.Outcome, run.Reason));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Usage_that_a_script_notes_is_in_the_result(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync("""
            printf 'turns 7\ninputTokens 1200\noutputTokens 0034\ncostUSD 0.12\nturns many\n' >"${OCTOPOID_RESULT_FILE%/*}/usage"
            """);

        var tokens = run.Message.GetProperty("tokens");
        Assert.Equal((7, 1200, 34), (run.Message.GetProperty("turns").GetInt32(), tokens.GetProperty("input").GetInt32(), tokens.GetProperty("output").GetInt32()));
        Assert.Equal("0.12", run.Message.GetProperty("costUSD").GetString());
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task The_next_attempt_continues_the_branch_and_counts_its_own_commits(string shell)
    {
        using var pod = new AgentPod(shell);
        using var first = await pod.AttemptAsync(Commit + Commit + "needs-continuation");
        pod.Environment["OCTOPOID_ATTEMPT"] = "2";

        using var second = await pod.AttemptAsync("wc -l <file\n" + Commit);

        Assert.Equal(("done", 1), (second.Outcome, second.Commits));
        Assert.Equal("2\n", second.Output);
        Assert.Equal("3", AgentPod.Git("-C", pod.Remote, "rev-list", "--count", $"main..{pod.Branch}").Trim());
    }

    [Fact]
    public async Task With_commits_of_an_earlier_attempt_done_stands_and_silence_is_NoResult()
    {
        using var pod = new AgentPod(Shells.System);
        using var first = await pod.AttemptAsync(Commit);

        using var said = await pod.AttemptAsync("finish");
        using var silent = await pod.AttemptAsync("true");

        Assert.Equal(("done", 0, pod.RemoteHead()), (said.Outcome, said.Commits, said.HeadSha));
        Assert.Equal(("failed", "NoResult"), (silent.Outcome, silent.Reason));
    }

    [Theory]
    [InlineData("git checkout -q --detach")]
    [InlineData("git checkout -qb other")]
    [InlineData("git branch -m renamed")]
    public async Task Work_made_from_the_tasks_branch_is_its_work_wherever_it_is_checked_out(string elsewhere)
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync($"{elsewhere}\n{Commit}");

        Assert.Equal(("done", 1, pod.RemoteHead()), (run.Outcome, run.Commits, run.HeadSha));
    }

    [Fact]
    public async Task Work_on_the_tasks_branch_counts_when_another_is_checked_out_at_the_end()
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync(Commit + "git checkout -q origin/main");

        Assert.Equal(("done", 1, pod.RemoteHead()), (run.Outcome, run.Commits, run.HeadSha));
    }

    [Fact]
    public async Task Commits_fetched_from_the_base_are_nobodys_work()
    {
        using var pod = new AgentPod(Shells.System);
        await pod.PrepareAsync("git pull -q --ff-only origin main; finish");
        pod.CommitElsewhere("main", "other");

        using var run = await pod.RunAsync();

        Assert.Equal(("NoCommits", 0), (run.Reason, run.Commits));
    }
}
