using System.Globalization;

namespace Octopoid.Install.Tests;

/// <summary>The chart on a real node, as its users meet it: install, update, the loss of a leader, and the end.</summary>
public sealed class InstallTests(NodeFixture node) : IAsyncLifetime
{
    private readonly Install _install = new(node.Kubectl);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _install.ClearAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_works_at_once_and_goes_without_a_trace_in_either_order(bool chartFirst)
    {
        await _install.InstallAsync(NodeFixture.Version);
        var pods = await _install.ItemsAsync("pods", ControlPlane.OperatorNamespace);
        Assert.Equal(2, pods.Count);
        Assert.All(pods, pod => Assert.Equal(
            (true, true, true),
            ((bool)pod["spec"]!["securityContext"]!["runAsNonRoot"]!, (bool)pod["spec"]!["containers"]![0]!["securityContext"]!["readOnlyRootFilesystem"]!, (bool)pod["status"]!["containerStatuses"]![0]!["ready"]!)));
        foreach (var pod in pods)
        {
            // Both in whole seconds, as the kubelet writes them.
            var running = (string)pod["status"]!["containerStatuses"]![0]!["state"]!["running"]!["startedAt"]!;
            var ready = (string)pod["status"]!["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == "Ready")!["lastTransitionTime"]!;
            TestContext.Current.TestOutputHelper?.WriteLine($"ready after {(DateTimeOffset.Parse(ready, CultureInfo.InvariantCulture) - DateTimeOffset.Parse(running, CultureInfo.InvariantCulture)).TotalSeconds:0} s");
        }

        await _install.GiveWorkAsync(1);
        await _install.UntilAsync(async () => await _install.DoneAsync() == 1, "the task is done");

        // As docs/install.md has it: the tasks first, and their Jobs go with them, by the garbage collector. Were the kind gone, it might find no
        // way to look the owner up, and leave them (kubernetes/kubernetes#102641).
        await _install.RemoveTasksAsync();
        await _install.UntilAsync(async () => (await _install.ItemsAsync("jobs", Install.Work)).Count == 0, "no Job is left");
        if (chartFirst)
        {
            await _install.UninstallAsync();
            await _install.RemoveCrdsAsync();
        }
        else
        {
            await _install.RemoveCrdsAsync();
            await _install.UninstallAsync();
        }

        var left = await _install.RunAsync(null, "get", "clusterroles,clusterrolebindings,customresourcedefinitions", "-o", "name");
        Assert.DoesNotContain("octopoid", left, StringComparison.Ordinal);
        await _install.UntilAsync(
            async () => (await _install.RunAsync(null, "-n", ControlPlane.OperatorNamespace, "get", "all,roles,rolebindings,networkpolicies,pdb", "-o", "name")).Length == 0,
            "nothing is left in the operator's namespace");
    }

    [Fact]
    public async Task Through_an_update_and_the_loss_of_one_leader_after_the_other_every_task_runs_once()
    {
        const int Tasks = 36;
        await _install.InstallAsync(NodeFixture.PreviousVersion);
        await _install.GiveWorkAsync(Tasks);
        await UntilMoreAreDoneAsync();
        Assert.StartsWith("0.0.9", await VersionAsync(), StringComparison.Ordinal);

        await _install.UpdateAsync(NodeFixture.Version);
        await _install.UntilAsync(async () => !(await VersionAsync()).StartsWith("0.0.9", StringComparison.Ordinal), "the new version leads");
        foreach (var how in (string[])["TERM", "KILL", "STOP"])
        {
            await UntilMoreAreDoneAsync();
            Assert.True(await _install.DoneAsync() < Tasks, "There is work left for the next leader.");
            await LoseLeaderAsync(how);
        }

        await _install.UntilAsync(async () => await _install.DoneAsync() == Tasks, "all tasks are done");
        await EachRanOnceAsync(Tasks);
    }

    /// <summary>Has the leader go, and the other replica take over.</summary>
    /// <param name="how">By which signal.</param>
    private async Task LoseLeaderAsync(string how)
    {
        var (leader, _, before) = await _install.LeaderAsync();
        var gone = TimeProvider.System.GetUtcNow();
        if (how == "TERM")
        {
            await _install.RunAsync(null, "-n", ControlPlane.OperatorNamespace, "delete", "pod", leader, "--wait=false");
        }
        else if (!await OperatorPods.SignalAsync(leader, how))
        {
            Assert.Skip("The node's processes are not to be seen from here: what comes before has passed.");
        }

        DateTimeOffset? since = null;
        await _install.UntilAsync(
            async () =>
            {
                (var next, since, var transitions) = await _install.LeaderAsync();
                return next.Length > 0 && transitions > before;
            },
            "another leads",
            30);
        var gap = since!.Value - gone;
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{how}: led again after {gap.TotalSeconds:0.00} s"));

        // On a clean stop the Lease is given up; else it runs out: its 5 s, a tenth of it, and a try.
        Assert.InRange(gap, TimeSpan.Zero, TimeSpan.FromSeconds(how == "TERM" ? 2 : 7.5));
        await UntilMoreAreDoneAsync();
        if (how == "STOP")
        {
            // What it had under way when it was stopped, it must not carry out now.
            Assert.True(await OperatorPods.SignalAsync(leader, "CONT"));
        }

        await _install.UntilAsync(
            async () => (await _install.ItemsAsync("pods", ControlPlane.OperatorNamespace)).Count(pod => (bool?)pod["status"]?["containerStatuses"]?[0]?["ready"] == true) == 2,
            "two replicas are ready again");
    }

    /// <summary>The pool works: two tasks more are done.</summary>
    private async Task UntilMoreAreDoneAsync()
    {
        var done = await _install.DoneAsync();
        await _install.UntilAsync(async () => await _install.DoneAsync() >= done + 2, "two more tasks are done");
    }

    private Task<string> VersionAsync() => _install.RunAsync(null, "get", "agentorchestrator", "default", "-o", "jsonpath={.status.version}");

    private async Task EachRanOnceAsync(int count)
    {
        var tasks = await _install.ItemsAsync("agenttasks", Install.Work);
        Assert.All(tasks, task => Assert.Equal((1, "done"), ((int)task["status"]!["attempt"]!, (string)task["status"]!["attempts"]!.AsArray().Single()!["outcome"]!)));
        Assert.Equal(count, (await _install.ItemsAsync("jobs", Install.Work)).Count);
    }
}
