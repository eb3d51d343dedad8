using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>Every way through the built-in flow, with real pods.</summary>
public sealed class FlowTests(ClusterFixture cluster)
{
    [Theory]
    [InlineData(null, "finish")]
    [InlineData("r", "commit finish")]
    public async Task A_task_without_a_pull_request_is_done_once_its_agent_is(string? repository, string words)
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.CreateRepositoryAsync(space);
        await cluster.ApplyAsync(
            space,
            Manifests.Repository(space),
            Manifests.Blueprint([], cluster.SharedFolder),
            Manifests.Task("t", words, repository is null ? [] : new JsonObject { ["repository"] = repository }));

        await cluster.KubectlAsync(null, "-n", space, "wait", "--for=condition=Complete", "--timeout=240s", "agenttask/t");

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);
        Assert.Equal(
            [("incoming", "claimed", "AttemptRunning", 1), ("claimed", "provisional", "ConditionsMet", 1), ("provisional", "done", "ConditionsMet", 1)],
            task.Status!.History!.Select(change => (change.From, change.To, change.Reason, change.Attempt)));
        Assert.Null(task.Status.Claim);
    }

    [Fact]
    public async Task A_pull_request_waits_for_a_persons_word_and_a_rejected_one_is_repaired_on_its_branch()
    {
        var space = await cluster.CreateNamespaceAsync();
        var repository = await cluster.CreateRepositoryAsync(space);
        await cluster.ApplyAsync(
            space,
            Manifests.Repository(space),
            Manifests.Blueprint(new JsonObject { ["maxInstances"] = 2 }, cluster.SharedFolder),
            Manifests.Task("good", "commit submit:7 finish", new JsonObject { ["repository"] = "r" }),
            Manifests.Task(
                "bad",
                new JsonObject { ["do-1"] = "commit:first submit:8 finish", ["do-2"] = "told:mend-it commit:second submit:8 finish" },
                new JsonObject { ["repository"] = "r" }));

        var (good, words) = await cluster.UntilWaitsAsync(space, "good", Reasons.AwaitsMerge);
        Assert.Equal(("provisional", 7), (good.Status!.State, good.Status.PullRequest!.Number));
        Assert.Contains("pull request 7", words, StringComparison.Ordinal);
        await cluster.DecideAsync(space, "good", 1, "approve");
        good = await cluster.UntilAsync(space, "good", FlowStates.Done);
        Assert.Equal((1, PullRequestState.Merged), (good.Status!.Attempts!.Count, good.Status.PullRequest!.State!.Value));

        await cluster.UntilWaitsAsync(space, "bad", Reasons.AwaitsMerge);
        await cluster.DecideAsync(space, "bad", 1, "reject", "mend-it");
        var (repaired, _) = await cluster.UntilWaitsAsync(space, "bad", Reasons.AwaitsMerge, 2);
        Assert.Equal(
            [("incoming", "claimed"), ("claimed", "provisional"), ("provisional", "incoming"), ("incoming", "claimed"), ("claimed", "provisional")],
            repaired.Status!.History!.Select(change => (change.From, change.To)));
        Assert.Equal((1, 8, PullRequestState.Open), (repaired.Status.Rejections, repaired.Status.PullRequest!.Number, repaired.Status.PullRequest.State!.Value));
        var branch = Assert.Single(repaired.Status.Attempts!.Select(attempt => attempt.Branch).Distinct());
        Assert.Equal("README.md\nfirst\nsecond", await ClusterFixture.GitAsync(repository, "ls-tree", "--name-only", branch!));
        await cluster.DecideAsync(space, "bad", 2, "approve");
        Assert.Equal(2, (await cluster.UntilAsync(space, "bad", FlowStates.Done)).Status!.Attempt);
    }

    [Fact]
    public async Task The_log_of_each_attempt_can_be_read_by_its_Jobs_name_when_the_task_is_done()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Blueprint(Manifests.Json("""{"retry":{"backoffSeconds":0,"maxBackoffSeconds":0}}""")),
            Manifests.Task("t", new JsonObject { ["do-1"] = "say:first-words fail", ["do-2"] = "say:last-words finish" }));

        var attempts = (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempts!;

        Assert.Equal(2, attempts.Count);
        Assert.StartsWith("first-words\n", await LogAsync(attempts[0]), StringComparison.Ordinal);
        Assert.StartsWith("last-words\n", await LogAsync(attempts[1]), StringComparison.Ordinal);

        Task<string> LogAsync(TaskAttempt attempt) => cluster.KubectlAsync(null, "-n", space, "logs", $"job/{attempt.Job}", "-c", "agent");
    }
}
