using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>What people do with kubectl while agents run.</summary>
public sealed class UserEditTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    /// <summary>Not all labels: a Job that has none is given those of its template by the API server.</summary>
    private const string WithoutOurLabels = """
        {"metadata":{"labels":{"octopoid.dev/managed":null,"octopoid.dev/blueprint":null,"octopoid.dev/role":null,"octopoid.dev/task":null,
        "octopoid.dev/task-uid":null,"octopoid.dev/attempt":null,"team":"a"}}}
        """;

    private readonly TaskCompletionSource _mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Fact]
    public async Task Labels_taken_off_Job_and_task_lose_nothing_and_start_nothing()
    {
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await HoldingKubeletAsync();
        await ApplyAsync([Blueprint(maxInstances: 1), .. Enumerable.Range(1, 3).Select(i => Task($"t{i}"))]);
        StartOperator();
        var job = await RunningJobAsync();

        await PatchAsync($"jobs/{job}", WithoutOurLabels);
        await PatchAsync("agenttasks/t1", """{"metadata":{"labels":{"team":"a","octopoid.dev/task-uid":"x"}}}""");
        await HasTakenInTasksAsync();
        Assert.Equal(1, observer.JobsSeen);

        _mayEnd.SetResult();
        await UntilDoneAsync(4);
        await AssertEachRanOnceAsync(observer, jobs: 4);
    }

    [Fact]
    public async Task A_Job_that_somebody_gives_another_attempts_label_ends_all_the_same()
    {
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await HoldingKubeletAsync();
        await ApplyAsync(Blueprint(maxInstances: 1), Task("t1"), Task("t2"));
        StartOperator();
        var job = await RunningJobAsync();

        await PatchAsync($"jobs/{job}", """{"metadata":{"labels":{"octopoid.dev/attempt":"7"}}}""");
        _mayEnd.SetResult();
        await UntilDoneAsync(2, seconds: 30);
        await AssertEachRanOnceAsync(observer, jobs: 2);
    }

    [Fact]
    public async Task Labels_taken_off_Job_and_pod_free_no_slot_while_the_pod_runs()
    {
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await HoldingKubeletAsync();
        await ApplyAsync(Blueprint(maxInstances: 1), Task("t1"), Task("t2"));
        StartOperator();
        var job = await RunningJobAsync();

        await PatchAsync($"pods/{job}-pod", WithoutOurLabels);
        await PatchAsync($"jobs/{job}", WithoutOurLabels);

        // Longer than the operator waits for a pod's last word.
        await Pause(5000);
        Assert.Equal(1, observer.JobsSeen);

        _mayEnd.SetResult();
        await UntilDoneAsync(2);
        await AssertEachRanOnceAsync(observer, jobs: 2);
    }

    [Fact]
    public async Task A_new_leader_finds_the_Job_that_bears_no_label_of_ours()
    {
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await HoldingKubeletAsync();
        await ApplyAsync(Blueprint(maxInstances: 1), Task("t1"), Task("t2"));
        StartOperator();
        var job = await RunningJobAsync();

        await PatchAsync($"pods/{job}-pod", WithoutOurLabels);
        await PatchAsync($"jobs/{job}", WithoutOurLabels);
        await KillOperatorAsync();
        StartOperator();
        await HasTakenInTasksAsync();
        await Pause(5000);
        Assert.Equal(1, observer.JobsSeen);

        _mayEnd.SetResult();
        await UntilDoneAsync(3);
        await AssertEachRanOnceAsync(observer, jobs: 3);
    }

    [Fact]
    public async Task A_maximum_lowered_under_a_backlog_kills_nothing_and_starts_nothing_until_it_is_kept()
    {
        await ApplyAsync("{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 20}}");
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        var first = new HashSet<string>();
        var mayEndFirst = false;
        var mayEndAll = false;
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => mayEndAll || (mayEndFirst && first.Contains(job.Metadata.Name)) ? Done : null);
        await ApplyAsync([Blueprint(maxInstances: 10), .. Enumerable.Range(1, 30).Select(i => Task($"t{i:00}"))]);
        StartOperator();
        await UntilAsync(async () => kubelet.Seen.Count == 10 && (await BlueprintAsync()).Status is { Instances: 10 }, "10 run");

        await ApplyAsync(Blueprint(maxInstances: 5));
        await UntilAsync(async () => await BlueprintAsync() is var b && b.Status!.ObservedGeneration == b.Metadata.Generation, "the operator knows");
        Assert.Equal(10, (await BlueprintAsync()).Status!.Instances);
        first.UnionWith(kubelet.Seen.Take(5));
        mayEndFirst = true;
        await UntilAsync(async () => (await BlueprintAsync()).Status is { Instances: 5, Claimable: 20, State: BlueprintState.AtCapacity }, "5 are left");
        Assert.Equal(10, kubelet.Seen.Count);

        mayEndAll = true;
        await UntilDoneAsync(30);
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((10, 30), (account.Peak, account.Jobs));
        Assert.All(await TasksAsync(), task => Assert.Equal(1, task.Status!.Attempt));
    }

    [Fact]
    public async Task A_priority_that_is_raised_while_the_task_waits_counts()
    {
        await using var kubelet = await HoldingKubeletAsync();
        await ApplyAsync(Blueprint(maxInstances: 1), Task("first"), Task("a"), Task("b"), Task("c"));
        StartOperator();
        await RunningJobAsync();
        var running = (await TasksAsync()).Single(task => task.Status?.Claim is not null).Metadata.Name;
        var raised = (await TasksAsync()).Where(task => task.Metadata.Name != running).MaxBy(task => (task.Metadata.CreationTimestamp, task.Metadata.Uid))!.Metadata.Name;

        await PatchAsync($"agenttasks/{raised}", """{"spec":{"priority":"P0"}}""");
        await HasTakenInTasksAsync();
        _mayEnd.SetResult();
        await UntilDoneAsync(5);
        Assert.Equal([running, raised], (await TasksAsync()).OrderBy(task => task.Status!.Attempts![0].Start).Select(task => task.Metadata.Name).Take(2));
    }

    [Fact]
    public async Task A_name_of_253_characters_is_served()
    {
        await using var kubelet = await HoldingKubeletAsync();
        _mayEnd.SetResult();
        var name = string.Join('.', Enumerable.Repeat(new string('a', 62), 3)) + "." + new string('b', 64);
        Assert.Equal(253, name.Length);
        await ApplyAsync(Blueprint(maxInstances: 1), Task(name));
        StartOperator();

        await UntilDoneAsync(1);
        var attempt = (await TasksAsync()).Single().Status!.Attempts!.Single();
        Assert.Equal("Succeeded", attempt.Reason);
        var job = (await Server.GetAsync(NamespacedPath($"jobs/{attempt.Job}"), CancellationToken)).EnsureSuccess().Json;
        Assert.InRange(((string)job["metadata"]!["labels"]![Labels.Task]!).Length, 1, 63);
    }

    private Task<WatchingKubelet> HoldingKubeletAsync() =>
        WatchingKubelet.StartAsync(Server, Namespace, Done, _ => _mayEnd.Task, CancellationToken);

    /// <summary>Waits until one Job runs and the operator has counted it and seen its pod; answers its name.</summary>
    private async Task<string> RunningJobAsync()
    {
        await UntilAsync(
            async () => await OrchestratorStatusAsync() is { Running: 1 } && (await NamesAsync("pods")).Count == 1, "one runs");
        return (await NamesAsync("jobs")).Single();
    }

    /// <summary>Waits until the operator has counted a task that is made now: then it has seen all that was done to tasks before.</summary>
    private async Task HasTakenInTasksAsync()
    {
        var pending = (await OrchestratorStatusAsync())!.Pending;
        await ApplyAsync(Task("marker", ", priority: P3"));
        await UntilAsync(async () => (await OrchestratorStatusAsync())!.Pending == pending + 1, "the marker waits");
    }

    private async Task AssertEachRanOnceAsync(AdmissionObserver observer, int jobs)
    {
        var account = await observer.AccountAsync(CancellationToken);
        Assert.Empty(account.Violations);
        Assert.Equal((1, jobs), (account.Peak, account.Jobs));
        Assert.All(await TasksAsync(), task => Assert.Equal((1, "Succeeded"), (task.Status!.Attempt, task.Status.Attempts!.Single().Reason)));
    }
}
