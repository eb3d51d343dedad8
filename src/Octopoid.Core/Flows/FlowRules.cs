using Octopoid.Core.Kinds;

namespace Octopoid.Core.Flows;

/// <summary>What a flow says of a state: who claims a task there, where it goes on, and where a task returns to.</summary>
public static class FlowRules
{
    /// <summary>True for a state that nothing leaves by itself.</summary>
    /// <param name="state">The state.</param>
    public static bool IsTerminal(string state) => state is FlowStates.Done or FlowStates.Failed or FlowStates.Cancelled;

    /// <summary>The transition that an agent claims in a state; null when no agent is needed there.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="state">The state.</param>
    public static FlowTransition? ClaimIn(AgentFlowSpec flow, string state)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Transitions.FirstOrDefault(t => t.From == state && t.Agent is not null);
    }

    /// <summary>The state that a task returns to when its attempt is to be made again: where it was claimed from.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="state">The state that the claim moved it to.</param>
    public static string ReturnFrom(AgentFlowSpec flow, string state)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return flow.Transitions.FirstOrDefault(t => t.To == state && t.Agent is not null)?.From ?? FlowStates.Incoming;
    }

    /// <summary>The state that a task comes to rest in when its attempt has succeeded: on through every transition that needs no agent and
    /// whose conditions are met.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="state">The state it is in.</param>
    /// <param name="hasOpenPullRequest">True while a pull request of the task waits to be merged.</param>
    public static string Advance(AgentFlowSpec flow, string state, bool hasOpenPullRequest)
    {
        ArgumentNullException.ThrowIfNull(flow);

        // A flow has no more steps than transitions; a cycle of unconditional ones must not hold us.
        for (var step = 0; step < flow.Transitions.Count; step++)
        {
            var next = flow.Transitions.FirstOrDefault(t => t.From == state);
            if (next is null || next.Agent is not null || !(next.Conditions ?? []).All(c => IsMet(c, hasOpenPullRequest)))
            {
                return state;
            }

            state = next.To;
        }

        return state;
    }

    /// <summary>How many transitions are left from a state to <c>done</c>; the order of claims under a shared cap.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="state">The state.</param>
    public static int StepsToDone(AgentFlowSpec flow, string state)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var steps = 0;
        while (state != FlowStates.Done && steps < flow.Transitions.Count)
        {
            if (flow.Transitions.FirstOrDefault(t => t.From == state) is not { } next)
            {
                break;
            }

            state = next.To;
            steps++;
        }

        return steps;
    }

    private static bool IsMet(FlowCondition condition, bool hasOpenPullRequest) =>
        condition.PullRequestMerged == true && !hasOpenPullRequest;
}
