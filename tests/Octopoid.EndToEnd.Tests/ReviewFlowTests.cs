using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>Flows with reviews by agents and by people, with real pods.</summary>
public sealed class ReviewFlowTests(ClusterFixture cluster)
{
    private const string Coding = "{from: incoming, to: coding, agent: implementer}";
    private const string Reviewed = "{from: coding, to: done, conditions: [{name: review, agent: reviewer}]}";

    [Fact]
    public async Task Three_stages_two_reviews_and_a_sign_off_lead_to_done()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Flow(
                "f",
                Coding,
                "{from: coding, to: coded, conditions: [{name: review, agent: reviewer}, {name: sign-off, manual: true}]}",
                "{from: coded, to: testing, agent: tester}",
                "{from: testing, to: done, conditions: [{name: audit, agent: auditor}]}"),
            Manifests.Blueprint([]),
            Manifests.Blueprint("reviewer", []),
            Manifests.Blueprint("tester", []),
            Manifests.Blueprint("auditor", []),
            Manifests.Task(
                "t",
                new JsonObject
                {
                    ["do-implementer"] = "condition:none finish", ["do-reviewer"] = "condition:review approve",
                    ["do-tester"] = "condition:none finish", ["do-auditor"] = "condition:audit approve",
                },
                Flow()));

        var (waiting, words) = await cluster.UntilWaitsAsync(space, "t", Reasons.AwaitsDecision);
        Assert.Equal(("coding", "review", 2), (waiting.Status!.State, Assert.Single(waiting.Status.Passed!).Condition, waiting.Status.Passed![0].Attempt));
        Assert.Contains("sign-off", words, StringComparison.Ordinal);
        await cluster.DecideAsync(space, "t", 2, "approve");
        await cluster.KubectlAsync(null, "-n", space, "wait", "--for=condition=Complete", "--timeout=240s", "agenttask/t");

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);
        Assert.Equal(
            [("implementer", "coding", null), ("reviewer", "coding", "review"), ("tester", "testing", null), ("auditor", "testing", "audit")],
            task.Status!.Attempts!.Select(attempt => (attempt.Blueprint, attempt.State, attempt.Condition)));
        Assert.Equal(["coding", "coded", "testing", "done"], task.Status.History!.Select(change => change.To));
    }

    [Fact]
    public async Task What_a_reviewer_rejects_is_done_again_with_the_comment_and_a_review_without_a_verdict_is_held_again()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Flow("f", Coding, Reviewed),
            Manifests.Blueprint([]),
            Manifests.Blueprint("reviewer", Soon()),
            Manifests.Task(
                "t",
                new JsonObject
                {
                    ["do-1"] = "finish", ["do-2"] = "condition:review reject:one",
                    ["do-3"] = "told:one condition:none finish", ["do-4"] = "finish", ["do-5"] = "reject:two",
                    ["do-6"] = "told:two finish", ["do-7"] = "approve",
                },
                Flow()));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);

        Assert.Equal(
            ["Succeeded", "Rejected", "Succeeded", "NoVerdict", "Rejected", "Succeeded", "Approved"],
            task.Status!.Attempts!.Select(attempt => attempt.Reason));
        Assert.Equal((2, 0), (task.Status.Rejections, task.Status.Failures));
        Assert.Equal(
            ["coding", "incoming", "coding", "incoming", "coding", "done"], task.Status.History!.Select(change => change.To));
    }

    [Fact]
    public async Task One_rejection_too_many_fails_the_task()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Flow("f", Coding, Reviewed),
            Manifests.Blueprint([]),
            Manifests.Blueprint("reviewer", Manifests.Json("""{"retry":{"maxRejections":1}}""")),
            Manifests.Task("t", new JsonObject { ["do-implementer"] = "finish", ["do-reviewer"] = "reject:never" }, Flow()));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Failed);

        Assert.Equal((2, 4, "never"), (task.Status!.Rejections, task.Status.Attempt, task.Status.Feedback));
        Assert.Equal("RejectionLimit", task.Status.Conditions!.Single(condition => condition.Type == ConditionTypes.Failed).Reason);
        Assert.Equal("RejectionLimit", task.Status.History![^1].Reason);
    }

    [Fact]
    public async Task A_person_sends_a_task_back_to_the_state_that_the_condition_names_and_signs_it_off_the_next_time()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Flow(
                "f", Coding, "{from: coding, to: testing, agent: tester}", "{from: testing, to: done, conditions: [{name: sign-off, manual: true, onFail: coding}]}"),
            Manifests.Blueprint([]),
            Manifests.Blueprint("tester", []),
            Manifests.Task("t", new JsonObject { ["do-3"] = "told:test-more finish", ["do"] = "finish" }, Flow()));

        await cluster.UntilWaitsAsync(space, "t", Reasons.AwaitsDecision);
        await cluster.DecideAsync(space, "t", 2, "reject", "test-more");
        await cluster.UntilWaitsAsync(space, "t", Reasons.AwaitsDecision, 3);
        await cluster.DecideAsync(space, "t", 3, "approve");

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);
        Assert.Equal(["implementer", "tester", "tester"], task.Status!.Attempts!.Select(attempt => attempt.Blueprint));
        Assert.Equal(["coding", "testing", "coding", "testing", "done"], task.Status.History!.Select(change => change.To));
    }

    [Fact]
    public async Task A_custom_agent_can_be_the_reviewer()
    {
        var space = await cluster.CreateNamespaceAsync();
        var reviewer = Manifests.Json("""{"type":"custom","retry":{"backoffSeconds":0,"maxBackoffSeconds":0}}""");
        reviewer["command"] = new JsonArray(
            "/bin/sh",
            "-c",
            """
            [ "$OCTOPOID_CONDITION" = review ] || exit 1
            case $OCTOPOID_ATTEMPT in
                2) printf '{"outcome":"rejected","comment":"in-own-words"}' >/dev/termination-log ;;
                4) ;;
                *) printf '{"outcome":"approved"}' >/dev/termination-log ;;
            esac
            """);
        await cluster.ApplyAsync(
            space,
            Manifests.Flow("f", Coding, Reviewed),
            Manifests.Blueprint([]),
            Manifests.Blueprint("reviewer", reviewer),
            Manifests.Task("t", new JsonObject { ["do-3"] = "told:in-own-words finish", ["do"] = "finish" }, Flow()));

        var task = await cluster.UntilAsync(space, "t", FlowStates.Done);

        Assert.Equal(["Succeeded", "Rejected", "Succeeded", "NoResult", "Approved"], task.Status!.Attempts!.Select(attempt => attempt.Reason));
    }

    private static JsonObject Flow() => new() { ["flow"] = "f" };

    private static JsonObject Soon() => Manifests.Json("""{"retry":{"backoffSeconds":0,"maxBackoffSeconds":0}}""");
}
