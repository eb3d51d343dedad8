using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The table of outcomes (docs/agents.md), for what a small node cannot be made to do: pods' statuses are written as a kubelet, a scheduler or a
/// node controller would write them.</summary>
public sealed class OutcomeTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    /// <summary>Task, the last status of its pod, and what the attempt is to be recorded as.</summary>
    private static readonly (string Task, string Status, AttemptOutcome Outcome, FailureClass? Class, string Reason)[] Rows =
    [
        ("done", Agent(0, "Completed", """{"outcome":"done"}"""), AttemptOutcome.Done, null, Reasons.Succeeded),
        ("says-failed", Agent(1, "Error", """{"outcome":"failed","reason":"NoLuck"}"""), AttemptOutcome.Failed, FailureClass.Task, "NoLuck"),
        ("continues", Agent(0, "Completed", """{"outcome":"needs_continuation"}"""), AttemptOutcome.NeedsContinuation, null, Reasons.NeedsContinuation),
        ("push-failed", Agent(1, "Error", """{"outcome":"failed","reason":"PushFailed"}"""), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.PushFailed),
        ("evicted", """{"phase":"Failed","reason":"Evicted","message":"The node was low on resource: memory."}""", AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted),
        ("evicted-but-done", Agent(137, "Error", """{"outcome":"done"}""", "Evicted"), AttemptOutcome.Done, null, Reasons.Succeeded),
        ("preempted", """{"phase":"Failed","conditions":[{"type":"DisruptionTarget","status":"True","reason":"PreemptionByScheduler"}]}""", AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted),
        ("preempted-old", Agent(137, "Error", null, "Preempting"), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted),
        ("node-lost", Agent(137, "Error", null, "NodeLost"), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted),
        ("node-shutdown", Agent(143, "Error", null, "Terminated"), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted),
        ("out-of-cpu", """{"phase":"Failed","reason":"OutOfcpu","message":"Pod Node didn't have enough resource"}""", AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted),
        ("workspace", Workspace, AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.WorkspaceFailed),
        ("oom", Agent(137, "OOMKilled", null), AttemptOutcome.Failed, FailureClass.Task, Reasons.OutOfMemory),
        ("oom-of-a-child", Agent(1, "OOMKilled", """{"outcome":"failed","reason":"ExitCode137"}"""), AttemptOutcome.Failed, FailureClass.Task, Reasons.OutOfMemory),
        ("exit-code", Agent(3, "Error", null), AttemptOutcome.Failed, FailureClass.Task, Reasons.ExitCode),
        ("deadline", """{"phase":"Failed","reason":"DeadlineExceeded"}""", AttemptOutcome.Failed, FailureClass.Task, Reasons.Deadline),
        ("no-result", Agent(0, "Completed", null), AttemptOutcome.Failed, FailureClass.Task, Reasons.NoResult),
        ("malformed", Agent(0, "Completed", "{\"outcome\":\"done\",\"comm"), AttemptOutcome.Failed, FailureClass.Task, Reasons.MalformedResult),
        ("others-result", Agent(0, "Completed", """{"outcome":"done","attempt":7}"""), AttemptOutcome.Failed, FailureClass.Task, Reasons.NoResult),
        ("cannot-run", Agent(128, "ContainerCannotRun", "exec: \\\"x\\\": not found"), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.ContainerCannotRun),
        ("force-deleted", "", AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Disrupted),
        ("sidecar", Sidecar, AttemptOutcome.Done, null, Reasons.Succeeded),
        ("image", Waiting("ErrImagePull", "no such image"), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.ImagePullFailed),
        ("image-name", Waiting("InvalidImageName", "couldn't parse"), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.ImagePullFailed),
        ("config", Waiting("CreateContainerConfigError", "secret \\\"x\\\" not found"), AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.PendingTimeout),
        ("unschedulable", """{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available."}]}""", AttemptOutcome.Failed, FailureClass.Infrastructure, Reasons.Unschedulable),
    ];

    [Fact]
    public async Task Every_way_that_a_pod_can_end_or_not_begin_is_told_apart()
    {
        await ApplyAsync(
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 50, startFailureThreshold: 100}}",
            Blueprint(maxInstances: 50, ", pendingTimeoutSeconds: 10, retry: {maxAttempts: 1, maxInfrastructureRetries: 0, maxContinuations: 0}"));
        await using var observer = await AdmissionObserver.StartAsync(Server, CancellationToken);
        await using var kubelet = await WatchingKubelet.StartAsync(
            Server,
            Namespace,
            job => Rows.Single(row => row.Task == job[..^"-12345678-1".Length]).Status,
            _ => System.Threading.Tasks.Task.CompletedTask,
            CancellationToken);
        await CreateTasksAsync(Rows.Select(row => row.Task));
        StartOperator(Server.OperatorKubeconfigPath, leaseSeconds: 15);

        // No controller runs here: what is deleted in the foreground is cleared away as the garbage collector would.
        await UntilAsync(
            async () =>
            {
                await CollectGarbageAsync();
                return (await TasksAsync()).All(task => task.Status is { Claim: null, Attempt: 1 });
            },
            "every attempt is recorded",
            90);

        var tasks = (await TasksAsync()).ToDictionary(task => task.Metadata.Name);
        foreach (var task in tasks.Values)
        {
            WriteLine($"{task.Metadata.Name}: {task.Status!.Attempts![0].Reason}: {task.Status.Feedback}");
        }

        var found = Rows.Select(row => Assert.Single(tasks[row.Task].Status!.Attempts!) is var attempt
            ? (row.Task, attempt.Outcome!.Value, attempt.Class, attempt.Reason!)
            : default);
        Assert.Equal(Rows.Select(row => (row.Task, row.Outcome, row.Class, row.Reason)), found);
        Assert.All(tasks.Values, task => Assert.Equal(
            task.Status!.Attempts![0].Outcome == AttemptOutcome.Done ? FlowStates.Done : FlowStates.Failed, task.Status.State));
        await UntilAsync(
            async () =>
            {
                await CollectGarbageAsync();
                return (await OrchestratorStatusAsync())?.Running == 0;
            },
            "no slot is held");
        Assert.Empty((await observer.AccountAsync(CancellationToken)).Violations);
    }

    private static string Agent(int exitCode, string reason, string? message, string? podReason = null)
    {
        var terminated = new JsonObject { ["exitCode"] = exitCode, ["reason"] = reason, ["message"] = message };
        var status = new JsonObject
        {
            ["phase"] = exitCode == 0 ? "Succeeded" : "Failed",
            ["containerStatuses"] = new JsonArray(new JsonObject { ["name"] = "agent", ["state"] = new JsonObject { ["terminated"] = terminated } }),
        };
        if (podReason is not null)
        {
            status["reason"] = podReason;
        }

        return status.ToJsonString();
    }

    private static string Waiting(string reason, string message) =>
        $$"""{"phase":"Pending","containerStatuses":[{"name":"agent","state":{"waiting":{"reason":"{{reason}}","message":"{{message}}"} } }]}""";

    private const string Workspace =
        """{"phase":"Failed","initContainerStatuses":[{"name":"workspace","state":{"terminated":{"exitCode":1,"reason":"Error"}}}]}""";

    /// <summary>The agent has ended well long ago; another container of its pod has not.</summary>
    private const string Sidecar =
        """
        {"phase":"Running","containerStatuses":[
          {"name":"agent","state":{"terminated":{"exitCode":0,"reason":"Completed","message":"{\"outcome\":\"done\"}","finishedAt":"2020-01-01T00:00:00Z"}}},
          {"name":"proxy","state":{"running":{"startedAt":"2020-01-01T00:00:00Z"}}}]}
        """;
}
