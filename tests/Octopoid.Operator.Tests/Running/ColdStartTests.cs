using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>An operator that finds a cluster with work in it: much that waits, some that runs, and more that is over.</summary>
public sealed class ColdStartTests(OwnControlPlane fixture) : PoolTest(fixture), IClassFixture<OwnControlPlane>
{
    [Fact]
    public async Task Forty_two_tasks_that_wait_for_the_operator_run_five_at_a_time()
    {
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync([Blueprint(maxInstances: 5), .. Enumerable.Range(1, 42).Select(i => Task($"t{i:00}"))]);
        StartOperator();

        await UntilDoneAsync(42);
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((5, 42), (account.Peak, account.Jobs));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Started_again_with_as_many_running_as_may_it_starts_nothing_more(int maximum)
    {
        var isRunning = true;
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => isRunning ? null : Done);
        await ApplyAsync([Blueprint(maximum), .. Enumerable.Range(1, maximum + 3).Select(i => Task($"t{i}"))]);
        await using (StartReplica("before", leaseSeconds: 3))
        {
            await UntilAsync(async () => (await OrchestratorStatusAsync())?.Running == maximum && kubelet.Seen.Count == maximum, "they run");
        }

        StartOperator();
        await UntilAsync(
            async () => await OrchestratorStatusAsync() is { Running: var running, Pending: 3 } status
                && running == maximum && status.Holder!.StartsWith("operator", StringComparison.Ordinal),
            "the next has counted them");
        Assert.Equal(maximum, observer.JobsSeen);

        isRunning = false;
        await UntilDoneAsync(maximum + 3);
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((maximum, maximum + 3), (account.Peak, account.Jobs));
    }

    [Fact]
    public async Task A_thousand_tasks_that_are_done_cost_no_write_and_no_slot()
    {
        var names = Enumerable.Range(1, 1000).Select(i => $"old{i:0000}").ToList();
        await CreateTasksAsync(names);
        await Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = CancellationToken },
            async (name, _) => await PatchAsync($"agenttasks/{name}/status", """{"status":{"state":"done","attempt":1}}"""));
        var before = (await TasksAsync()).ToDictionary(task => task.Metadata.Name, task => task.Metadata.ResourceVersion);
        var since = Server.Audit!.Position;
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync(Blueprint(maxInstances: 1), Task("new"));
        StartOperator();

        await UntilDoneAsync(1001);
        await UntilAsync(async () => (await OrchestratorStatusAsync()) is { Running: 0, Pending: 0 }, "nothing runs");
        var after = (await TasksAsync()).ToDictionary(task => task.Metadata.Name, task => task.Metadata.ResourceVersion);
        Assert.All(before, task => Assert.Equal(task.Value, after[task.Key]));
        Assert.Equal(
            ["new", "new"],
            Server.Audit.Requests(ControlPlane.OperatorUser, since).Where(request => request.Resource == "agenttasks/status").Select(request => request.Name));
    }

    [Fact]
    public async Task Jobs_that_have_failed_hold_no_slot_however_many_there_are()
    {
        await CreateTasksAsync(["tried"]);
        var uid = (await TasksAsync()).Single().Metadata.Uid;
        await PatchAsync("agenttasks/tried/status", """{"status":{"state":"failed","attempt":20}}""");
        for (var attempt = 1; attempt <= 20; attempt++)
        {
            await CreateFailedJobAsync($"tried-{attempt}", uid, attempt);
        }

        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => Pause(50), CancellationToken);
        await ApplyAsync([Blueprint(maxInstances: 2), .. Enumerable.Range(1, 6).Select(i => Task($"t{i}"))]);
        StartOperator();

        await UntilDoneAsync(6);
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((2, 26), (account.PeakOf($"{Namespace}/implementer"), account.Jobs));
    }

    private async Task CreateFailedJobAsync(string name, string taskUid, int attempt)
    {
        var labels = new JsonObject
        {
            [Labels.Managed] = Labels.ManagedValue,
            [Labels.Blueprint] = "implementer",
            [Labels.TaskUid] = taskUid,
            [Labels.Attempt] = $"{attempt}",
        };
        var job = $$$"""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"{{{name}}}","labels":{{{labels.ToJsonString()}}},"ownerReferences":[
            {"apiVersion":"octopoid.dev/v1alpha1","kind":"AgentTask","name":"tried","uid":"{{{taskUid}}}","controller":true}]},
            "spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"agent","image":"a"}]} } } }
            """;
        (await Server.SendAsync(HttpMethod.Post, NamespacedPath("jobs"), job, "application/json", CancellationToken)).EnsureSuccess();
        await PatchAsync($"jobs/{name}/status", """{"status":{"failed":1,"conditions":[{"type":"Failed","status":"True","reason":"BackoffLimitExceeded"}]}}""");
    }
}
