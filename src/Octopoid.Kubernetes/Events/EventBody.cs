namespace Octopoid.Kubernetes.Events;

/// <summary>An <c>events.k8s.io/v1 Event</c>, or of one what a patch changes.</summary>
internal sealed record EventBody
{
    public string? ApiVersion { get; init; }

    public string? Kind { get; init; }

    public EventMetadata? Metadata { get; init; }

    public string? EventTime { get; init; }

    public string? ReportingController { get; init; }

    public string? ReportingInstance { get; init; }

    public string? Type { get; init; }

    public string? Reason { get; init; }

    public string? Action { get; init; }

    public string? Note { get; init; }

    public ObjectReference? Regarding { get; init; }

    public EventRepetition? Series { get; init; }

    internal sealed record EventMetadata(string? Name, string? Namespace);

    /// <param name="Count">How often it has been said in all, 2 at least.</param>
    /// <param name="LastObservedTime">When it was said last.</param>
    internal sealed record EventRepetition(int Count, string? LastObservedTime);
}
