using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.EndToEnd.Tests.Agents;

namespace Octopoid.EndToEnd.Tests;

/// <summary>Several flows at once, and flows that change while tasks are in them, with real pods.</summary>
public sealed class EditedFlowTests(ClusterFixture cluster)
{
    private const string Coding = "{from: incoming, to: coding, agent: implementer}";

    [Fact]
    public async Task Tasks_of_several_flows_go_side_by_side_each_its_own_way()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Flow("a", Coding, "{from: coding, to: done, conditions: [{name: review, agent: tester}]}"),
            Manifests.Flow("b", "{from: incoming, to: tested, agent: tester}", "{from: tested, to: mended, agent: implementer}", "{from: mended, to: done}"),
            Manifests.Blueprint([]),
            Manifests.Blueprint("tester", []),
            Manifests.Task("of-a", new JsonObject { ["do-tester"] = "condition:review approve", ["do"] = "finish" }, new JsonObject { ["flow"] = "a" }),
            Manifests.Task("of-b", "condition:none finish", new JsonObject { ["flow"] = "b" }),
            Manifests.Task("of-default", "finish"));

        foreach (var (name, states, blueprints) in new (string, string[], string[])[]
        {
            ("of-a", ["coding", "done"], ["implementer", "tester"]),
            ("of-b", ["tested", "mended", "done"], ["tester", "implementer"]),
            ("of-default", ["claimed", "provisional", "done"], ["implementer"]),
        })
        {
            var task = await cluster.UntilAsync(space, name, FlowStates.Done);
            Assert.Equal(states, task.Status!.History!.Select(change => change.To));
            Assert.Equal(blueprints, task.Status.Attempts!.Select(attempt => attempt.Blueprint));
        }
    }

    [Fact]
    public async Task A_flow_may_be_edited_under_a_running_task_and_lose_the_state_that_the_task_is_in_for_a_while()
    {
        var space = await cluster.CreateNamespaceAsync();
        var signedOff = Manifests.Flow("f", Coding, "{from: coding, to: done, conditions: [{name: sign-off, manual: true}]}");
        await cluster.ApplyAsync(
            space,
            Manifests.Flow("f", Coding, "{from: coding, to: done}"),
            Manifests.Blueprint([], cluster.SharedFolder),
            Manifests.Task("t", $"wait:{space} finish", new JsonObject { ["flow"] = "f" }));
        await cluster.UntilRunningAsync(space, "t");

        await cluster.ApplyAsync(space, signedOff);
        await UntilObservedAsync(space);
        await cluster.LetGoAsync(space);
        await cluster.UntilWaitsAsync(space, "t", Reasons.AwaitsDecision);

        await cluster.ApplyAsync(space, Manifests.Flow("f", "{from: incoming, to: working, agent: implementer}", "{from: working, to: done}"));
        var (strayed, words) = await cluster.UntilWaitsAsync(space, "t", Reasons.StateUnknown);
        Assert.Equal("coding", strayed.Status!.State);
        Assert.Contains("no transition out of coding", words, StringComparison.Ordinal);

        await cluster.ApplyAsync(space, signedOff);
        await cluster.UntilWaitsAsync(space, "t", Reasons.AwaitsDecision);
        await cluster.DecideAsync(space, "t", 1, "approve");
        Assert.Equal(1, (await cluster.UntilAsync(space, "t", FlowStates.Done)).Status!.Attempt);
    }

    [Fact]
    public async Task A_flow_that_never_ends_is_named_and_starts_nothing_until_it_is_mended()
    {
        var space = await cluster.CreateNamespaceAsync();
        await cluster.ApplyAsync(
            space,
            Manifests.Flow("f", Coding, "{from: coding, to: waiting}", "{from: waiting, to: coding}"),
            Manifests.Blueprint([]),
            Manifests.Task("t", "finish", new JsonObject { ["flow"] = "f" }));

        var (held, words) = await cluster.UntilWaitsAsync(space, "t", Reasons.FlowInvalid);
        Assert.Null(held.Status!.Attempt);
        Assert.Contains("A task would never be done: ", words, StringComparison.Ordinal);
        var ready = (await UntilObservedAsync(space)).Status!.Conditions!.Single(condition => condition.Type == ConditionTypes.Ready);
        Assert.Equal((ConditionStatus.False, "FlowInvalid"), (ready.Status, ready.Reason));
        Assert.StartsWith("A task would never be done: ", ready.Message, StringComparison.Ordinal);

        await cluster.ApplyAsync(space, Manifests.Flow("f", Coding, "{from: coding, to: done}"));
        await cluster.UntilAsync(space, "t", FlowStates.Done);
        ready = (await UntilObservedAsync(space)).Status!.Conditions!.Single(condition => condition.Type == ConditionTypes.Ready);
        Assert.Equal(ConditionStatus.True, ready.Status);
    }

    private async Task<AgentFlow> UntilObservedAsync(string space)
    {
        AgentFlow flow = null!;
        await cluster.UntilAsync(
            async () =>
            {
                flow = await cluster.GetAsync(space, "agentflows", "f", KindsJson.Default.AgentFlow);
                return flow.Status?.ObservedGeneration == flow.Metadata.Generation;
            },
            "the operator has seen the flow",
            space);
        return flow;
    }
}
