namespace Octopoid.Operator.Tests.Runner;

public sealed class LintTests
{
    [Fact]
    public async Task Shellcheck_finds_nothing_in_any_script()
    {
        Assert.SkipWhen(Shells.OnPath("shellcheck") is null, "There is no shellcheck on PATH; make test brings one.");
        using var pod = new AgentPod(Shells.System);
        pod.Environment["LC_ALL"] = "C.UTF-8";

        using var run = await pod.Start("/bin/sh", "-c", $"cd '{pod.At("source/runner")}' && '{Shells.OnPath("shellcheck")}' -x -P SCRIPTDIR -s sh *").EndAsync();

        Assert.True(run.ExitCode == 0, run.Output);
    }
}
