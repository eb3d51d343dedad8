namespace Octopoid.Core.Kinds;

/// <summary>
/// What the operator found of a blueprint. Successes and failures are not counted here: they belong to tasks.
/// </summary>
public sealed record AgentBlueprintStatus
{
    /// <summary>The generation of the spec that this was judged by.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>The role that it serves, as <see cref="AgentBlueprintSpec.Role"/> says or its name.</summary>
    public string? Role { get; init; }

    /// <summary>Agents that hold a slot now.</summary>
    public int? Instances { get; init; }

    /// <summary>Slots of <c>maxInstances</c> that are free.</summary>
    public int? Idle { get; init; }

    /// <summary>Waiting tasks that this blueprint could claim, were there room.</summary>
    public int? Claimable { get; init; }

    /// <summary>Selects this blueprint's pods; read by the scale subresource.</summary>
    public string? Selector { get; init; }

    /// <summary>The tasks being worked on, longest running first, at most 50; <see cref="Instances"/> is the true number.</summary>
    public IReadOnlyList<ActiveTask>? ActiveTasks { get; init; }

    /// <summary>The pool's state in a word.</summary>
    public BlueprintState? State { get; init; }

    /// <summary>Why it is in that state; one of <see cref="Reasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>The same as one sentence that names the numbers.</summary>
    public string? Message { get; init; }

    /// <summary>The aspects of the state, one each.</summary>
    public IReadOnlyList<Condition>? Conditions { get; init; }

    /// <summary>When a degraded blueprint may start its next probe.</summary>
    public DateTimeOffset? NextProbeTime { get; init; }
}
