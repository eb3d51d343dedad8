namespace Octopoid.Operator.Watch;

/// <summary>What is read of another's Event.</summary>
internal sealed record ObservedEvent
{
    /// <summary>Its sentence.</summary>
    public string? Message { get; init; }
}
