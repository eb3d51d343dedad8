using Octopoid.Core.Kinds;

namespace Octopoid.Core.Flows;

/// <summary>What comes next for a task that nobody works on, by its flow.</summary>
public abstract record FlowStep
{
    private FlowStep()
    {
    }

    /// <summary>Nothing: it is done, failed or cancelled.</summary>
    public sealed record End : FlowStep;

    /// <summary>Nothing that the flow knows of: it has no transition out of the task's state.</summary>
    public sealed record Stray : FlowStep;

    /// <summary>An agent takes the transition.</summary>
    /// <param name="Transition">The transition, with its role.</param>
    public sealed record Work(FlowTransition Transition) : FlowStep;

    /// <summary>An agent reviews.</summary>
    /// <param name="Condition">The condition, with its role.</param>
    public sealed record Review(FlowCondition Condition) : FlowStep;

    /// <summary>A person answers.</summary>
    /// <param name="Condition">The condition.</param>
    public sealed record Ask(FlowCondition Condition) : FlowStep;

    /// <summary>The task's pull request is merged, or closed.</summary>
    /// <param name="Condition">The condition.</param>
    public sealed record Merge(FlowCondition Condition) : FlowStep;

    /// <summary>Every condition is met, and no agent is needed: the task goes on.</summary>
    /// <param name="To">The state that it reaches.</param>
    public sealed record Move(string To) : FlowStep;

    /// <summary>The task's pull request was closed without a merge: the task goes back.</summary>
    /// <param name="Condition">The condition that asked for the merge.</param>
    public sealed record Back(FlowCondition Condition) : FlowStep;
}
