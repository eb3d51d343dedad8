namespace Octopoid.Kubernetes.Transport;

/// <summary>The part of <c>meta/v1 Status</c> that we read: the body of a failure, and the object of a watch's ERROR event.</summary>
internal sealed record ApiStatus
{
    public int? Code { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public StatusDetails? Details { get; init; }

    internal sealed record StatusDetails
    {
        public int? RetryAfterSeconds { get; init; }
    }
}
