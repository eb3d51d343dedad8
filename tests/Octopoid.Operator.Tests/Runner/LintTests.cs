namespace Octopoid.Operator.Tests.Runner;

public sealed class LintTests
{
    [Fact]
    public async Task Shellcheck_finds_nothing_in_any_script()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/shellcheck"), "needs shellcheck");
        using var pod = new AgentPod(Shells.System);
        pod.Environment["LC_ALL"] = "C.UTF-8";

        using var run = await pod.Start("/bin/sh", "-c", $"cd '{pod.At("source/runner")}' && shellcheck -x -P SCRIPTDIR -s sh *").EndAsync();

        Assert.True(run.ExitCode == 0, run.Output);
    }
}
