namespace Octopoid.Core.Kinds;

/// <summary>One aspect of an object's state, in the shape that all Kubernetes tools read.</summary>
public sealed record Condition
{
    /// <summary>Which aspect; one of <see cref="ConditionTypes"/>.</summary>
    public string? Type { get; init; }

    /// <summary>Whether it holds.</summary>
    public ConditionStatus? Status { get; init; }

    /// <summary>The generation of the spec that this was judged by.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>When <see cref="Status"/> last changed; a new reason alone does not move it.</summary>
    public DateTimeOffset? LastTransitionTime { get; init; }

    /// <summary>Why, as one word; one of <see cref="Reasons"/> where a start is refused or an attempt judged.</summary>
    public string? Reason { get; init; }

    /// <summary>Why, as one sentence that names the numbers.</summary>
    public string? Message { get; init; }
}
