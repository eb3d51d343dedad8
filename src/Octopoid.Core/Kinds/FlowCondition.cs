namespace Octopoid.Core.Kinds;

/// <summary>What must hold before a step: exactly one of an agent's review, a person's word, or a merge.</summary>
public sealed record FlowCondition
{
    /// <summary>Names it in the task's status; unique in its transition.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>The role whose agent reviews, and approves or rejects.</summary>
    public string? Agent { get; init; }

    /// <summary>True: a person's decision approves or rejects.</summary>
    public bool? Manual { get; init; }

    /// <summary>True: the task's pull request is merged. Met at once where the task has none.</summary>
    public bool? PullRequestMerged { get; init; }

    /// <summary>The state to which a rejection sends the task. Default: <see cref="FlowStates.Incoming"/>.</summary>
    public string OnFail { get; init => field = value ?? FlowStates.Incoming; } = FlowStates.Incoming;
}
