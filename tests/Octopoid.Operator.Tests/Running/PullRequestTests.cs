using k8s.Models;
using Octopoid.Core.Kinds;
using Octopoid.Testing;
using Octopoid.Testing.Forges;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The gate of open pull requests, and what a forge's word does to tasks, on a real API server.</summary>
public sealed class PullRequestTests(SharedControlPlane fixture) : ForgeTest(fixture), IClassFixture<SharedControlPlane>
{
    public static TheoryData<ForgeFormat> Formats => [.. Enum.GetValues<ForgeFormat>()];

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task No_more_are_opened_than_the_cluster_allows_and_a_merge_lets_exactly_one_more_start(ForgeFormat format)
    {
        await ApplyAsync(
            [Orchestrator(3), Secret(Token), Repository(format), Blueprint(maxInstances: 10), .. Names(10).Select(name => Task(name, ", repository: code"))]);
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => Open(job, isRecorded: Number(job) % 2 == 0));
        StartOperator();
        await UntilAsync(async () => (await RepositoryAsync()) is { OpenPullRequests: 3, ReservedPullRequests: 0 }, "three are open");

        var status = await RepositoryAsync();
        Assert.Equal((GateState.Closed, Reasons.OpenPRLimit), (status.Gate, status.Reason));
        Assert.StartsWith("As many pull requests are open, or may be opened by agents at work, as the cluster allows: 3.", status.Message, StringComparison.Ordinal);
        var pool = (await BlueprintAsync()).Status!;
        Assert.Equal(
            (BlueprintState.Backpressured, Reasons.OpenPRLimit, "3 pull requests of the cluster are open and 0 more may be opened by agents at work; 3 are allowed."),
            (pool.State, pool.Reason, pool.Message));
        Assert.Equal(3, (await OrchestratorStatusAsync())!.OpenPullRequests);
        await CountsAsync(3);
        Assert.Equal(3, Opened.Count);

        // Merged, and what an agent did not tell of as well: the forge has both.
        for (var opened = 4; opened <= 6; opened++)
        {
            MergeFirst();
            await UntilAsync(async () => Opened.Count == opened && (await RepositoryAsync()).OpenPullRequests == 3, $"{opened} were opened");
            await CountsAsync(3);
            Assert.Equal(opened, Opened.Count);
        }

        await UntilAsync(
            async () =>
            {
                MergeFirst();
                Assert.True(Code.OpenCount <= 3);
                return (await TasksAsync()).All(task => task.Status?.State == FlowStates.Done) && Code.OpenCount == 0;
            },
            "all are merged");
        await UntilAsync(async () => await RepositoryAsync() is { OpenPullRequests: 0, Gate: GateState.Open, Reason: Reasons.BelowLimit }, "the gate is open");
        Assert.True(kubelet.Peak <= 3);
        await AssertNoTokenAsync();
    }

    [Fact]
    public async Task Tasks_go_on_as_their_forge_says_and_people_see_it()
    {
        await ApplyAsync(
            Orchestrator(10),
            Secret(Token),
            Repository(),
            Blueprint(maxInstances: 10),
            "{apiVersion: octopoid.dev/v1alpha1, kind: AgentFlow, metadata: {name: strict}, spec: {transitions: [{from: incoming, to: coded, agent: implementer}, "
                + "{from: coded, to: done, conditions: [{name: look, manual: true}, {name: merged, pullRequestMerged: true, onFail: failed}]}]}}",
            Task("merged", ", repository: code"),
            Task("closed", ", repository: code, flow: strict"),
            Task("moved", ", repository: code, flow: strict"));
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => Open(job, isRecorded: true));
        StartOperator();
        await UntilWaitsAsync("merged", Reasons.AwaitsMerge);
        await UntilWaitsAsync("closed", Reasons.AwaitsDecision);
        await UntilWaitsAsync("moved", Reasons.AwaitsDecision);

        Code.Merge(Opened["merged"]);
        await UntilDoneAsync(1);
        Assert.Equal(PullRequestState.Merged, (await TaskAsync("merged")).Status!.PullRequest!.State);

        // What was approved is the head of then: moved on, it is to be approved again.
        await PatchAsync("agenttasks/moved", """{"spec":{"decision":{"attempt":1,"verdict":"approve"}}}""");
        await UntilWaitsAsync("moved", Reasons.AwaitsMerge);
        var head = Code.Push(Opened["moved"]);
        await UntilWaitsAsync("moved", Reasons.AwaitsDecision);
        var moved = (await TaskAsync("moved")).Status!;
        Assert.Equal((head, 0), (moved.PullRequest!.HeadSHA, moved.Passed?.Count ?? 0));

        await PatchAsync("agenttasks/closed", """{"spec":{"decision":{"attempt":1,"verdict":"approve"}}}""");
        await UntilWaitsAsync("closed", Reasons.AwaitsMerge);
        Code.Close(Opened["closed"]);
        await UntilAsync(async () => (await TaskAsync("closed")).Status!.State == FlowStates.Failed, "the task has failed");
        var failed = (await TaskAsync("closed")).Status!;
        Assert.Equal(Reasons.PullRequestClosed, failed.Conditions!.Single(condition => condition.Type == ConditionTypes.Failed).Reason);

        await UntilAsync(async () => (await RepositoryAsync()).OpenPullRequests == 1, "one is open still");
        var (code, table) = await Server.KubectlAsync(null, CancellationToken, "-n", Namespace, "get", "agentrepositories", "-o", "wide");
        Assert.True(code == 0, table);
        WriteLine(table);
        Assert.Matches(@"NAME +PROVIDER +OPEN +RESERVED +MAX +GATE +FRESH +READY +AGE +COUNTED +CALLS +QUOTA +REASON +URL", table);
        Assert.Matches(@"code +github +1 +0 +5 +Open +True +True +\S+ +\S+ +\d +\d+ +BelowLimit +https://forge.invalid/acme/widgets", table);
        await AssertNoTokenAsync();
    }

    [Fact]
    public async Task Credentials_that_are_mended_open_the_gate_and_each_turn_is_told_once()
    {
        await ApplyAsync(Orchestrator(3), Repository(), Blueprint(maxInstances: 3), Task("t1", ", repository: code"));
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => Open(job, isRecorded: true));
        StartOperator();
        await UntilReadyIsAsync(ConditionStatus.False, Reasons.SecretInvalid);
        Assert.Equal("There is no Secret named forge, which spec.apiSecretName names.", (await ReadyAsync())!.Message);
        await UntilAsync(async () => (await BlueprintAsync()).Status?.Reason == Reasons.OpenPRCountUnknown, "the blueprint says why nothing starts");
        Assert.Equal(
            "The open pull requests of code have not been counted yet: There is no Secret named forge, which spec.apiSecretName names.",
            (await BlueprintAsync()).Status!.Message);

        await ApplyAsync(Secret("ghp_revoked00000000000000000000000000000"));
        await UntilReadyIsAsync(ConditionStatus.False, Reasons.ForgeRefused);
        Assert.Empty(Opened);

        await ApplyAsync(Secret(Token));
        await UntilReadyIsAsync(ConditionStatus.True, Reasons.Valid);
        await UntilAsync(async () => (await RepositoryAsync()).OpenPullRequests == 1, "it is opened, and counted");

        var turns = await UntilTurnsAsync(2);
        Assert.Equal(["CloseGate OpenPRCountUnknown Warning", "OpenGate BelowLimit Normal"], turns);
        await AssertNoTokenAsync();
    }

    [Fact]
    public async Task A_new_leader_starts_nothing_before_its_first_count()
    {
        await ApplyAsync(Orchestrator(1), Secret(Token), Repository(), Blueprint(maxInstances: 3), Task("t1", ", repository: code"), Task("t2", ", repository: code"));
        await using var kubelet = FakeKubelet.Start(Server.KubeconfigPath, Namespace, job => Open(job, isRecorded: false));
        StartOperator();
        await UntilAsync(async () => (await RepositoryAsync()).OpenPullRequests == 1, "one is open");
        await StopOperatorAsync();

        // While nobody leads, the one that nobody told of is merged; and the forge does not answer.
        Code.Merge(Opened.Values.Single());
        Forge.Faults.Always(ForgeFault.Error(502));
        StartOperator();
        await UntilReadyIsAsync(ConditionStatus.False, Reasons.ForgeFailed);
        Assert.Single(Opened);

        Forge.Faults.Clear();
        await UntilAsync(() => System.Threading.Tasks.Task.FromResult(Opened.Count == 2), "the other is opened");
    }

    private static int Number(V1Job job) => int.Parse(job.Metadata.Labels[Labels.Task][1..], System.Globalization.CultureInfo.InvariantCulture);

    private async Task<Condition?> ReadyAsync() => (await RepositoryAsync()).Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Ready);

    private Task UntilReadyIsAsync(ConditionStatus status, string reason) =>
        UntilAsync(async () => await ReadyAsync() is { } ready && ready.Status == status && ready.Reason == reason, $"Ready is {status}: {reason}");

    private async Task<AgentTask> TaskAsync(string name) => (await TasksAsync()).Single(task => task.Metadata.Name == name);

    private Task UntilWaitsAsync(string name, string reason) => UntilAsync(
        async () => (await TaskAsync(name)).Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Claimable)?.Reason == reason,
        $"{name} waits: {reason}");

    private async Task<IReadOnlyList<string>> UntilTurnsAsync(int count)
    {
        List<string> turns = [];
        await UntilAsync(
            async () =>
            {
                turns = [.. (await EventsAsync())
                    .Where(told => (string?)told["action"] is "CloseGate" or "OpenGate")
                    .OrderBy(told => (string?)told["eventTime"], StringComparer.Ordinal)
                    .Select(told => $"{told["action"]} {told["reason"]} {told["type"]}")];
                return turns.Count >= count;
            },
            $"{count} turns are told");
        return turns;
    }

}
