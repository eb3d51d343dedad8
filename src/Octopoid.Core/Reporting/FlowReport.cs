using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Reporting;

/// <summary>The status of a flow: whether it is valid, and what its author may have overlooked. Pure.</summary>
public static class FlowReport
{
    /// <summary>The status that a flow should have.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="state">All that is known.</param>
    /// <param name="now">The time, for conditions that change.</param>
    public static AgentFlowStatus Of(AgentFlow flow, ClusterState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(flow);
        ArgumentNullException.ThrowIfNull(state);
        var violation = FlowRules.Violation(flow.Spec);
        var ready = new Condition
        {
            Type = ConditionTypes.Ready,
            Status = violation is null ? ConditionStatus.True : ConditionStatus.False,
            Reason = violation is null ? Reasons.Valid : Reasons.FlowInvalid,
            Message = violation ?? Advice(flow, state),
            ObservedGeneration = flow.Metadata.Generation,
        };
        return new AgentFlowStatus
        {
            ObservedGeneration = flow.Metadata.Generation, Conditions = Conditions.Set(flow.Status?.Conditions, ready, now),
        };
    }

    private static string Advice(AgentFlow flow, ClusterState state)
    {
        var unserved = FlowRules.Roles(flow.Spec).Where(role => !state.IsServed(flow.Metadata.Namespace ?? "", role)).ToList();
        var unreachable = FlowRules.Unreachable(flow.Spec);
        return "The flow is valid."
            + (unserved.Count > 0 ? $" No blueprint serves {string.Join(", ", unserved)} yet." : "")
            + (unreachable.Count > 0 ? $" No task gets to {string.Join(", ", unreachable)}." : "");
    }
}
