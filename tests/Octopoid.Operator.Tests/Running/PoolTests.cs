using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The operator's own process on a real API server, with the rights that the chart gives it; a stand-in ends the Jobs.</summary>
public sealed class PoolTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        StartOperator();
    }

    [Fact]
    public async Task Forty_two_tasks_run_five_at_a_time_in_forty_two_Jobs()
    {
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync([Blueprint(maxInstances: 10), .. Enumerable.Range(1, 42).Select(i => Task($"t{i:00}"))]);

        await UntilAsync(async () => (await TasksAsync()).Count(task => task.Status?.State == "done") == 42, "42 tasks are done");

        Assert.Equal((42, 5), (kubelet.Seen.Count, kubelet.Peak));
        Assert.All(await TasksAsync(), task =>
        {
            Assert.Null(task.Status!.Claim);
            Assert.Equal(("Succeeded", "agent/x", "abc"), (task.Status.Attempts![0].Reason, task.Status.Attempts[0].Branch, task.Status.Attempts[0].HeadSHA));
        });
    }

    [Fact]
    public async Task Killed_again_and_again_it_makes_one_Job_of_each_attempt_and_loses_no_task()
    {
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync([Blueprint(maxInstances: 5), .. Enumerable.Range(1, 60).Select(i => Task($"t{i:00}"))]);

        for (var kills = 0; kills < 5; kills++)
        {
            var target = (kills + 1) * 8;
            await UntilAsync(() => System.Threading.Tasks.Task.FromResult(kubelet.Seen.Count >= target), $"{target} Jobs were made");
            await System.Threading.Tasks.Task.Delay(TimeSpan.FromMilliseconds(random.Next(30)), TimeProvider.System, CancellationToken);
            await KillOperatorAsync();
            StartOperator();
        }

        await UntilAsync(async () => (await TasksAsync()).Count(task => task.Status?.State == "done") == 60, "60 tasks are done");
        Assert.Equal(60, kubelet.Seen.Count);
        Assert.InRange(kubelet.Peak, 1, 5);
        Assert.All(await TasksAsync(), task => Assert.Equal((1, 1), (task.Status!.Attempt, task.Status.Attempts!.Count)));
    }

    [Fact]
    public async Task Scaling_the_blueprint_changes_how_many_run_at_once()
    {
        var isRunning = true;
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => isRunning ? null : Done);
        await ApplyAsync([Blueprint(maxInstances: 2), .. Enumerable.Range(1, 6).Select(i => Task($"t{i}"))]);
        await UntilAsync(async () => (await BlueprintAsync()).Status is { Instances: 2, Claimable: 4, State: BlueprintState.AtCapacity }, "2 run");
        Assert.Equal("2 of 2 instances of implementer are running.", (await BlueprintAsync()).Status!.Message);

        var (code, output) = await Server.KubectlAsync(
            null, CancellationToken, "-n", Namespace, "scale", "agentblueprint/implementer", "--replicas=4");
        Assert.True(code == 0, output);
        await UntilAsync(async () => (await BlueprintAsync()).Status is { Instances: 4, Claimable: 2 }, "4 run");

        isRunning = false;
        await UntilAsync(async () => (await BlueprintAsync()).Status is { Instances: 0, State: BlueprintState.Idle }, "all have ended");
        Assert.Equal(4, kubelet.Peak);
    }

    [Fact]
    public async Task A_dependency_and_a_priority_are_kept()
    {
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync(
            Task("later", ", blockedBy: [first]"), Task("first"), Task("urgent", ", priority: P0"), Blueprint(maxInstances: 1));

        await UntilAsync(async () => (await TasksAsync()).All(task => task.Status?.State == "done"), "all are done");
        var order = (await TasksAsync()).OrderBy(task => task.Status!.Attempts![0].Start).Select(task => task.Metadata.Name);
        Assert.Equal(["urgent", "first", "later"], order);
    }

    [Fact]
    public async Task A_foreign_Job_of_our_name_is_left_alone_and_the_task_says_so()
    {
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => null);
        await ApplyAsync(Task("t"));
        var uid = (await TasksAsync()).Single().Metadata.Uid;
        var name = Core.Admission.AttemptNames.Job("t", uid, 1);
        await ApplyAsync(
            $"{{apiVersion: batch/v1, kind: Job, metadata: {{name: {name}}}, spec: {{template: {{spec: {{restartPolicy: Never, containers: [{{name: c, image: a}}]}}}}}}}}",
            Blueprint(maxInstances: 1));

        await UntilAsync(async () => (await TasksAsync()).Single().Status?.Attempts?.Count > 0, "the attempt has ended");
        var attempt = (await TasksAsync()).Single().Status!.Attempts![0];
        Assert.Equal(("NameConflict", FailureClass.Infrastructure), (attempt.Reason, attempt.Class!.Value));
        Assert.Contains(name, kubelet.Seen);
        var job = await Server.GetAsync($"/apis/batch/v1/namespaces/{Namespace}/jobs/{name}", CancellationToken);
        Assert.Null(job.EnsureSuccess().Json["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public async Task A_blueprint_that_makes_no_Job_harms_its_own_tasks_alone()
    {
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync(
            Blueprint(maxInstances: 1, ", podTemplate: {metadata: null, spec: {tolerations: {a: b}}}, resources: {limits: lots}, retry: {maxInfrastructureRetries: 0}"),
            Task("bad"));
        await UntilAsync(async () => (await TasksAsync()).Single().Status?.State == "failed", "the task has failed");
        Assert.Equal("JobRefused", (await TasksAsync()).Single().Status!.Attempts![0].Reason);

        await ApplyAsync(Blueprint(maxInstances: 1), Task("good"));
        await UntilAsync(async () => (await TasksAsync()).Single(task => task.Metadata.Name == "good").Status?.State == "done", "the other is done");
    }

    [Fact]
    public async Task A_prompt_of_too_many_bytes_fails_its_task_and_says_so()
    {
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => Done);
        await ApplyAsync(
            Blueprint(maxInstances: 1, ", retry: {maxAttempts: 1}"),
            $"{{apiVersion: octopoid.dev/v1alpha1, kind: AgentTask, metadata: {{name: t}}, spec: {{prompt: {new string('漢', 60_000)}}}}}");

        await UntilAsync(async () => (await TasksAsync()).Single().Status?.State == "failed", "the task has failed");
        Assert.Equal("spec.prompt has 180000 bytes; 131072 are allowed.", (await TasksAsync()).Single().Status!.Feedback);
        Assert.Empty(kubelet.Seen);
    }

    [Fact]
    public async Task A_failing_task_is_tried_three_times_and_then_has_failed()
    {
        await using var kubelet = FakeKubelet.Start(
            Server.KubeconfigPath, Namespace, _ => """{"outcome":"failed","reason":"NoIdea","comment":"I cannot."}""");
        await ApplyAsync(Blueprint(maxInstances: 1, ", retry: {backoffSeconds: 1, maxBackoffSeconds: 1}"), Task("t"));

        await UntilAsync(async () => (await TasksAsync()).Single().Status?.State == "failed", "the task has failed");
        var status = (await TasksAsync()).Single().Status!;
        Assert.Equal((3, 3, "I cannot."), (status.Failures, status.Attempts!.Count, status.Feedback));
        Assert.Contains(status.Conditions!, c => c is { Type: ConditionTypes.Failed, Status: ConditionStatus.True, Reason: "NoIdea" });
        Assert.Equal(3, kubelet.Seen.Count);

        // Two Events an attempt, for kubectl describe.
        await UntilAsync(async () => (await EventsAsync()).Count >= 6, "6 Events are there");
        Assert.Equal(["AttemptRunning", "AttemptRunning", "AttemptRunning", "NoIdea", "NoIdea", "NoIdea"], (await EventsAsync()).Order());
    }

    private async Task<IReadOnlyList<string>> EventsAsync()
    {
        var events = await Server.GetAsync($"/apis/events.k8s.io/v1/namespaces/{Namespace}/events", CancellationToken);
        return [.. events.EnsureSuccess().Json["items"]!.AsArray().Select(item => (string)item!["reason"]!)];
    }
}
