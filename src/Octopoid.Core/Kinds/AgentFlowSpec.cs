namespace Octopoid.Core.Kinds;

/// <summary>The steps of a flow.</summary>
public sealed record AgentFlowSpec
{
    /// <summary>The steps, 1 to 64, at most one out of each state; the first starts at <see cref="FlowStates.Incoming"/>.</summary>
    public IReadOnlyList<FlowTransition> Transitions { get; init => field = value ?? []; } = [];
}
