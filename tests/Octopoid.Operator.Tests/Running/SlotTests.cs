using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>When a slot is held, and when it is given back.</summary>
public sealed class SlotTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    private const string Once = ", retry: {maxInfrastructureRetries: 0}";

    [Fact]
    public async Task A_Job_that_is_being_deleted_holds_its_slot_while_its_pod_runs()
    {
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(
            Server, Namespace, Done, job => job.StartsWith("victim", StringComparison.Ordinal) ? Never : Pause(50), CancellationToken);
        await ApplyAsync(Blueprint(maxInstances: 1, Once), Task("victim", ", priority: P0"), Task("next"));
        StartOperator();
        await UntilRunAsync(1);
        var pod = (await NamesAsync("pods")).Single();
        var job = (await NamesAsync("jobs")).Single();

        await DeleteAsync($"jobs/{job}", """{"propagationPolicy":"Foreground"}""");
        await RetouchAsync();
        Assert.Equal(1, observer.JobsSeen);

        // No garbage collector runs here: the pod goes, then the Job's finalizer, as that would do it.
        await DeleteAsync($"pods/{pod}", """{"gracePeriodSeconds":0}""");
        await RetouchAsync();
        Assert.Equal(1, observer.JobsSeen);
        await PatchAsync($"jobs/{job}", """{"metadata":{"finalizers":null}}""");

        await UntilDoneAsync(1);
        await UntilAsync(async () => (await TasksAsync()).Any(task => task.Status?.State == FlowStates.Failed), "the victim has failed");
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((1, 2), (account.Peak, account.Jobs));
    }

    [Fact]
    public async Task A_hundred_Jobs_deleted_while_the_watch_is_cut_free_a_hundred_slots()
    {
        await ApplyAsync("{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 100}}");
        await using var proxy = FaultProxy.Start(Server.Uri);
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        var isCut = false;
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => isCut ? Pause(50) : Never, CancellationToken);
        await ApplyAsync(Blueprint(maxInstances: 100, Once));
        await CreateTasksAsync(Enumerable.Range(0, 100).Select(i => $"lost{i:00}"), ", priority: P0");
        await CreateTasksAsync(Enumerable.Range(0, 100).Select(i => $"next{i:00}"));
        StartOperator(WriteFile("kubeconfig", Server.Kubeconfig(ControlPlane.OperatorToken, proxy.Uri)), leaseSeconds: 30);
        await UntilRunAsync(100);

        proxy.Become(FaultMode.Refuse);
        isCut = true;
        await DeleteAsync("jobs", """{"propagationPolicy":"Background"}""");
        await DeleteAsync("pods", """{"gracePeriodSeconds":0}""");
        proxy.Become(FaultMode.Forward);

        await UntilDoneAsync(100);
        await UntilAsync(async () => (await TasksAsync()).Count(task => task.Status?.State == FlowStates.Failed) == 100, "100 are lost");
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((100, 200), (account.Peak, account.Jobs));
        Assert.All(await TasksAsync(), task => Assert.Equal(
            (1, task.Metadata.Name.StartsWith("lost", StringComparison.Ordinal) ? Reasons.Lost : "Succeeded"),
            (task.Status!.Attempt, task.Status.Attempts!.Single().Reason)));
        await StopOperatorAsync();
    }

    [Fact]
    public async Task Jobs_deleted_while_no_operator_runs_are_made_again_for_the_same_young_attempts()
    {
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        var isDown = false;
        await using var kubelet = await WatchingKubelet.StartAsync(Server, Namespace, Done, _ => isDown ? Pause(50) : Never, CancellationToken);
        await ApplyAsync([Blueprint(maxInstances: 5), .. Enumerable.Range(1, 8).Select(i => Task($"t{i}"))]);
        StartOperator();
        await UntilRunAsync(5);

        await KillOperatorAsync();
        isDown = true;
        await DeleteAsync("pods", """{"gracePeriodSeconds":0}""");
        await DeleteAsync("jobs", """{"propagationPolicy":"Background"}""");
        StartOperator();

        await UntilDoneAsync(8);
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Equal((5, 13), (account.Peak, account.Jobs));
        Assert.Equal(5, account.Violations.Count);
        Assert.All(account.Violations, violation => Assert.Contains("is the second Job of attempt 1", violation, StringComparison.Ordinal));
        Assert.All(await TasksAsync(), task => Assert.Equal(1, task.Status!.Attempt));
    }

    private static Task Never => System.Threading.Tasks.Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, CancellationToken);

    private Task UntilRunAsync(int count) => UntilAsync(
        async () => (await OrchestratorStatusAsync())?.Running == count && (await NamesAsync("pods")).Count == count, $"{count} run");

    /// <summary>Waits until the operator has taken in a change of the blueprint that is made now, and so has had its chance to act on what came before.</summary>
    private async Task RetouchAsync()
    {
        var changed = await PatchAsync(
            "agentblueprints/implementer", $$"""{"spec":{"model":"m{{(await BlueprintAsync()).Metadata.Generation}}"} }""");
        var generation = (long)changed.Json["metadata"]!["generation"]!;
        await UntilAsync(async () => (await BlueprintAsync()).Status?.ObservedGeneration == generation, "the operator has seen the blueprint");
    }

    private async Task DeleteAsync(string path, string options) =>
        (await Server.SendAsync(HttpMethod.Delete, NamespacedPath(path), options, "application/json", CancellationToken)).EnsureSuccess();
}
