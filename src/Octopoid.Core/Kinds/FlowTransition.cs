namespace Octopoid.Core.Kinds;

/// <summary>One step of a flow.</summary>
public sealed record FlowTransition
{
    /// <summary>The state that it leaves; never a terminal one. An attempt that is to be retried brings the task back here.</summary>
    public string From { get; init => field = value ?? ""; } = "";

    /// <summary>The state that it reaches.</summary>
    public string To { get; init => field = value ?? ""; } = "";

    /// <summary>The role whose agent takes the step; null: no agent is needed.</summary>
    public string? Agent { get; init; }

    /// <summary>What must hold first, met in this order, one at a time; at most 16.</summary>
    public IReadOnlyList<FlowCondition>? Conditions { get; init; }
}
