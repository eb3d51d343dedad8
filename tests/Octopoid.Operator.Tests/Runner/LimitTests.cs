namespace Octopoid.Operator.Tests.Runner;

public sealed class LimitTests
{
    private const string Commit = "echo work >>file; git add -A; git commit -qm work\n";

    // A shell, its child and its grandchild, whose numbers are in the workspace; none of them ends by itself.
    private const string Family = "echo $$ >.git/parent; sh -c 'sleep 600 & echo $! >.git/grandchild; wait' & echo $! >.git/child\n" +
        "until [ -s .git/grandchild ]; do :; done\n";

    public static TheoryData<string> AllShells() => Shells.All();

    public static MatrixTheoryData<string, string> ShellsAndLimits() => new(Shells.All().Select(row => row.Data), ["0", "600"]);

    [Theory, MemberData(nameof(AllShells))]
    public async Task The_deadline_ends_the_whole_group_and_brings_its_commits_home(string shell)
    {
        using var pod = new AgentPod(shell);

        // Longer than a commit takes on a machine that has other things to do.
        pod.Environment["OCTOPOID_TIMEOUT_SECONDS"] = "4";

        using var run = await pod.AttemptAsync(Commit + Family + "wait");

        Assert.Equal(("failed", "Deadline", 1), (run.Outcome, run.Reason, run.ExitCode));
        Assert.Equal(pod.RemoteHead(), run.HeadSha);
        AssertFamilyDead(pod);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_group_that_ignores_TERM_is_killed_after_the_grace(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_TIMEOUT_SECONDS"] = "1";
        pod.Environment["OCTOPOID_GRACE_SECONDS"] = "1";

        using var run = await pod.AttemptAsync("trap '' TERM\n" + Family + "while :; do wait; sleep 1; done");

        Assert.Equal("Deadline", run.Reason);
        AssertFamilyDead(pod);
    }

    [Fact]
    public async Task A_script_may_use_the_grace()
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_TIMEOUT_SECONDS"] = "1";

        using var run = await pod.AttemptAsync($"trap 'kill $!; {Commit.Trim()}; exit 0' TERM; sleep 600 & wait");

        Assert.Equal(("failed", "Deadline", 1), (run.Outcome, run.Reason, run.Commits));
    }

    [Fact]
    public async Task A_word_given_before_the_deadline_stands()
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_TIMEOUT_SECONDS"] = "1";

        using var run = await pod.AttemptAsync(Commit + "finish; sleep 600");

        Assert.Equal("done", run.Outcome);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task TERM_is_forwarded_and_an_exit_code_of_0_is_not_taken_for_success(string shell)
    {
        using var pod = new AgentPod(shell);
        await pod.PrepareAsync("trap 'kill $(cat .git/grandchild); echo told; exit 0' TERM\n" + Commit + Family + "echo ready; wait");
        using var run = pod.StartRunner();
        await run.ReadToLineAsync("ready");

        run.Signal("TERM");
        await run.EndAsync();

        Assert.Equal("ready\ntold\n", run.Output);
        Assert.Equal(("failed", "Terminated", pod.RemoteHead()), (run.Outcome, run.Reason, run.HeadSha));
        AssertFamilyDead(pod);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task TERM_to_a_script_that_ignores_it_ends_in_KILL(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_GRACE_SECONDS"] = "1";
        await pod.PrepareAsync("trap '' TERM\n" + Family + "echo ready; while :; do sleep 1; done");
        using var run = pod.StartRunner();
        await run.ReadToLineAsync("ready");

        run.Signal("TERM");
        await run.EndAsync();

        Assert.Equal("Terminated", run.Reason);
        AssertFamilyDead(pod);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Children_left_behind_are_ended(string shell)
    {
        using var pod = new AgentPod(shell);

        using var run = await pod.AttemptAsync(Commit + Family + "exit 0");

        Assert.Equal("done", run.Outcome);
        AssertFamilyDead(pod);
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task As_the_containers_first_process_it_reaches_those_who_have_left_the_group(string shell)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/unshare") && Environment.IsPrivilegedProcess, "needs unshare and root");
        using var pod = new AgentPod(shell);
        // The server's hook runs beside the runner, after the run: it sees who is left.
        pod.RemoteHook("pre-receive", $"cat /proc/[0-9]*/cmdline >{pod.At("left")}");
        await pod.PrepareAsync($"{Commit}setsid sh -c 'echo >.git/escaped; exec sleep 654' &\nuntil [ -e .git/escaped ]; do :; done");

        using var run = await pod.Start("/usr/bin/unshare", "--pid", "--fork", "--mount-proc", pod.At("bin/runner")).EndAsync();

        Assert.Equal("done", run.Outcome);
        Assert.DoesNotContain("sleep\0654", await File.ReadAllTextAsync(pod.At("left"), TestContext.Current.CancellationToken));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task Silence_beyond_the_limit_is_NoProgress(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_NO_PROGRESS_SECONDS"] = "1";

        using var run = await pod.AttemptAsync(Family + "echo said; wait");

        Assert.Equal(("failed", "NoProgress"), (run.Outcome, run.Reason));
        Assert.Equal("said\n", run.Output);
        AssertFamilyDead(pod);
    }

    [Theory]
    [InlineData("echo out")]
    [InlineData("echo error >&2")]
    [InlineData("record-progress same")]
    public async Task Output_and_notes_are_signs_of_life(string sign)
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_NO_PROGRESS_SECONDS"] = "2";

        using var run = await pod.AttemptAsync($"for i in 1 2 3 4 5 6 7 8; do {sign}; sleep 0.5; done; finish");

        Assert.NotEqual("NoProgress", run.Reason);
    }

    [Fact]
    public async Task With_the_no_progress_limit_the_deadline_holds_too()
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_NO_PROGRESS_SECONDS"] = "600";
        pod.Environment["OCTOPOID_TIMEOUT_SECONDS"] = "1";

        using var run = await pod.AttemptAsync("sleep 600");

        Assert.Equal("Deadline", run.Reason);
    }

    [Theory]
    [MemberData(nameof(ShellsAndLimits))]
    public async Task Output_passes_through_unharmed_and_input_is_empty(string shell, string quiet)
    {
        using var pod = new AgentPod(shell);
        pod.Environment["OCTOPOID_NO_PROGRESS_SECONDS"] = quiet;

        using var run = await pod.AttemptAsync("cat; printf 'a\\0b\\tä $(x)'; printf 'no newline' >&2; finish");

        Assert.Equal("a\0b\tä $(x)", run.Output);
        Assert.StartsWith("no newline", run.Error);
    }

    // What the kernel does to the counters, the script does here: an agent's child is killed, and its shell goes on.
    [Theory]
    [InlineData("memory.events", "low 0\nhigh 4\nmax 17\noom 0\noom_kill 0\noom_group_kill 0\n", "exit 137", 137)]
    [InlineData("memory.events", "oom_kill 0\n", "exit 1", 1)]
    [InlineData("memory.events", "oom_kill 7\n", "true", 0)]
    [InlineData("memory/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", "exit 137", 137)]
    public async Task A_process_that_the_kernel_killed_for_memory_makes_the_failure_OutOfMemory(string file, string counters, string end, int code)
    {
        using var pod = Counting(file, counters);

        using var run = await pod.AttemptAsync($"record-progress 'half way'\n{Kill(file)}\n{end}");

        Assert.Equal(("failed", "OutOfMemory", 1), (run.Outcome, run.Reason, run.ExitCode));
        Assert.Equal($"the kernel killed a process of the run for want of memory; run exited with {code}\n\nhalf way", run.Comment);
    }

    [Theory]
    [InlineData("finish", "done", "", "")]
    [InlineData("exit 0", "done", "", "")]
    [InlineData("fail TestsFail 'two of them'", "failed", "TestsFail", "the kernel killed a process of the run for want of memory\n\ntwo of them")]
    [InlineData("sleep 600", "failed", "Deadline", "the kernel killed a process of the run for want of memory\n\nrun was stopped at its limit")]
    public async Task Another_end_stands_and_a_failure_tells_of_the_kill(string end, string outcome, string reason, string comment)
    {
        using var pod = Counting("memory.events", "oom_kill 0\n");
        pod.Environment["OCTOPOID_TIMEOUT_SECONDS"] = "2";

        using var run = await pod.AttemptAsync($"{Commit}{Kill("memory.events")}\n{end}");

        Assert.Equal((outcome, reason, comment), (run.Outcome, run.Reason, run.Comment));
    }

    [Theory]
    [InlineData("memory.events", "oom_kill 3\n", "true")]
    [InlineData("memory.events", "oom_kill 3\n", "rm \"$OCTOPOID_CGROUP_DIR/memory.events\"")]
    [InlineData("memory.events", "oom_kill 3\n", "echo oom_kill many >\"$OCTOPOID_CGROUP_DIR/memory.events\"")]
    [InlineData("memory.events", "oom 3\n", "echo 'oom 4' >\"$OCTOPOID_CGROUP_DIR/memory.events\"")]
    [InlineData("elsewhere", "oom_kill 0\n", "echo 'oom_kill 1' >\"$OCTOPOID_CGROUP_DIR/memory.events\"")]
    public async Task A_count_that_has_not_grown_or_cannot_be_read_changes_nothing(string file, string counters, string change)
    {
        using var pod = Counting(file, counters);

        using var run = await pod.AttemptAsync($"{change}; exit 137");

        Assert.Equal(("ExitCode137", "run exited with 137"), (run.Reason, run.Comment));
    }

    private static AgentPod Counting(string file, string counters)
    {
        var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_CGROUP_DIR"] = pod.At("cgroup");
        Directory.CreateDirectory(pod.At("cgroup/memory"));
        File.WriteAllText(pod.At($"cgroup/{file}"), counters);
        return pod;
    }

    private static string Kill(string file) => $"sed -i 's/^oom_kill .*/oom_kill 8/' \"$OCTOPOID_CGROUP_DIR/{file}\"";

    private static void AssertFamilyDead(AgentPod pod) =>
        Assert.False(pod.Lives(".git/parent") || pod.Lives(".git/child") || pod.Lives(".git/grandchild"));
}
