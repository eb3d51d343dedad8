namespace Octopoid.Operator.Tests.Runner;

public sealed class PushTests
{
    private const string Commit = "echo work >>file; git add -A; git commit -qm work\n";

    public static TheoryData<string> AllShells() => Shells.All();

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_server_that_refuses_is_PushFailed_and_nothing_is_claimed_to_be_there(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.RemoteHook("pre-receive", "echo not today; exit 1");

        using var run = await pod.AttemptAsync(Commit + "finish 'my word'");

        Assert.Equal(("failed", "PushFailed", 1), (run.Outcome, run.Reason, run.ExitCode));
        Assert.Contains("pre-receive hook declined", run.Comment, StringComparison.Ordinal);
        Assert.EndsWith("my word", run.Comment);
        Assert.Equal((1, ""), (run.Commits, run.HeadSha));
    }

    [Theory, MemberData(nameof(AllShells))]
    public async Task A_push_is_believed_only_when_the_server_shows_it(string shell)
    {
        using var pod = new AgentPod(shell);
        pod.RemoteHook("post-receive", "while read -r old new ref; do git update-ref \"$ref\" refs/heads/main; done");

        using var run = await pod.AttemptAsync(Commit);

        Assert.Equal("PushFailed", run.Reason);
        Assert.Contains($"the server has {pod.RemoteHead("main")}", run.Comment, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_the_runs_own_stays_the_tasks()
    {
        using var pod = new AgentPod(Shells.System);
        pod.RemoteHook("pre-receive", "exit 1");

        using var run = await pod.AttemptAsync(Commit + "exit 4");

        Assert.Equal(("ExitCode4", ""), (run.Reason, run.HeadSha));
        Assert.StartsWith("the branch could not be pushed", run.Comment);
    }

    [Fact]
    public async Task A_branch_whose_name_ends_alike_is_not_taken_for_ours()
    {
        using var pod = new AgentPod(Shells.System);
        AgentPod.Git("-C", pod.Remote, "update-ref", $"refs/heads/x/refs/heads/{pod.Branch}", "main");

        using var run = await pod.AttemptAsync(Commit);

        Assert.Equal(("done", pod.RemoteHead()), (run.Outcome, run.HeadSha));
    }

    [Fact]
    public async Task What_the_agent_has_pushed_itself_is_not_pushed_again()
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync($"{Commit}git push -q || exit 9\nchmod -R a-w {pod.Remote}/objects; touch \"{pod.Remote}/hooks/pre-receive\"");

        Assert.Equal(("done", 1, pod.RemoteHead()), (run.Outcome, run.Commits, run.HeadSha));
    }

    [Fact]
    public async Task Rewritten_history_replaces_what_the_attempt_began_with()
    {
        using var pod = new AgentPod(Shells.System);
        using var first = await pod.AttemptAsync(Commit);

        using var second = await pod.AttemptAsync("git commit -q --amend -m better");

        Assert.Equal(("done", 1, pod.RemoteHead()), (second.Outcome, second.Commits, second.HeadSha));
        Assert.NotEqual(first.HeadSha, second.HeadSha);
    }

    [Fact]
    public async Task Another_persons_commit_on_the_branch_is_never_dropped()
    {
        using var pod = new AgentPod(Shells.System);
        using var first = await pod.AttemptAsync(Commit);
        await pod.PrepareAsync("git commit -q --amend -m better");
        var theirs = pod.CommitElsewhere(pod.Branch, "theirs");

        using var run = await pod.RunAsync();

        Assert.Equal(("PushFailed", theirs), (run.Reason, pod.RemoteHead()));
    }

    [Fact]
    public async Task A_pre_push_hook_that_refuses_does_not_keep_the_work_from_the_server()
    {
        using var pod = new AgentPod(Shells.System);

        using var run = await pod.AttemptAsync($"printf '#!/bin/sh\\nexit 1\\n' >.git/hooks/pre-push; chmod +x .git/hooks/pre-push\n{Commit}");

        Assert.Equal(("done", pod.RemoteHead()), (run.Outcome, run.HeadSha));
    }

    [Fact]
    public async Task A_push_that_hangs_is_ended()
    {
        using var pod = new AgentPod(Shells.System);
        pod.Environment["OCTOPOID_PUSH_TIMEOUT_SECONDS"] = "1";
        pod.RemoteHook("pre-receive", "exec sleep 15 >/dev/null 2>&1");

        using var run = await pod.AttemptAsync(Commit);

        Assert.Equal("PushFailed", run.Reason);
    }
}
