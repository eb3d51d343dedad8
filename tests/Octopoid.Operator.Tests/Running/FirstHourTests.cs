using Octopoid.Core.Kinds;
using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>What docs/first-hour.md tells of examples/team.yaml, on a real API server; a stand-in ends the Jobs.</summary>
public sealed class FirstHourTests(SharedControlPlane fixture) : PoolTest(fixture), IClassFixture<SharedControlPlane>
{
    private const string Approved = """{"outcome":"approved"}""";

    [Fact]
    public async Task The_fourth_task_of_the_team_waits_for_one_more_instance_and_all_are_reviewed()
    {
        var isWorking = true;
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => job.Metadata.Name.EndsWith("-1", StringComparison.Ordinal) ? (isWorking ? null : Done) : Approved);
        StartOperator();
        await ApplyAsync(await File.ReadAllTextAsync(RepositoryRoot.Combine("examples", "team.yaml"), CancellationToken));

        await UntilAsync(
            async () => (await BlueprintAsync()).Status is { Instances: 3, Claimable: 1, State: BlueprintState.AtCapacity, Reason: Reasons.InstanceLimit }
                && (await TasksAsync()).Count(task => task.Status?.State == "working") == 3,
            "three of four run, and the pool says why no more do");
        var waiting = Assert.Single(await TasksAsync(), task => task.Status?.State == FlowStates.Incoming);
        Assert.Equal("colours", waiting.Metadata.Name);
        Assert.Null(waiting.Status!.Conditions);

        await KubectlAsync("scale", "agentblueprint/implementer", "--replicas=4");
        await UntilAsync(async () => (await TasksAsync()).All(task => task.Status?.State == "working"), "the fourth runs");

        isWorking = false;
        await UntilDoneAsync(4);
        Assert.All(await TasksAsync(), task => Assert.Equal(
            [("implementer", AttemptOutcome.Done, null), ("gatekeeper", AttemptOutcome.Approved, "review")],
            task.Status!.Attempts!.Select(attempt => (attempt.Blueprint, attempt.Outcome!.Value, attempt.Condition))));
    }

    [Fact]
    public async Task A_limit_of_the_cluster_is_the_reason_where_the_blueprint_has_room()
    {
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, _ => null);
        StartOperator();
        await ApplyAsync(
            await File.ReadAllTextAsync(RepositoryRoot.Combine("examples", "team.yaml"), CancellationToken),
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentOrchestrator, metadata: {name: default}, spec: {maxConcurrent: 2, maxOpenPRs: 10}}");

        // What had been started before the limit was lowered runs on; so all are taken away, and come again.
        await KubectlAsync("delete", "agenttasks", "--all");
        await CreateTasksAsync(["a", "b", "c"], ", flow: team");

        await UntilAsync(
            async () => (await BlueprintAsync()).Status is { Instances: 2, Claimable: 1, State: BlueprintState.AtCapacity, Reason: Reasons.ConcurrencyLimit },
            "two of three run, and the pool says why no more do");
    }

    private async Task KubectlAsync(params string[] arguments)
    {
        var (code, output) = await Server.KubectlAsync(null, CancellationToken, ["-n", Namespace, .. arguments]);
        Assert.True(code == 0, output);
    }
}
