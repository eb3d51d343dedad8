namespace Octopoid.Kubernetes.Leases;

/// <summary>The part of a <c>coordination.k8s.io/v1 Lease</c> that we read. Written by patches, so that all else in it stays.</summary>
internal sealed record Lease
{
    public LeaseMetadata? Metadata { get; init; }

    public LeaseSpec? Spec { get; init; }

    internal sealed record LeaseMetadata
    {
        public string? ResourceVersion { get; init; }
    }

    /// <summary>Equal specs mean that nobody has renewed in between: times are compared as text and never read.</summary>
    internal sealed record LeaseSpec
    {
        public string? HolderIdentity { get; init; }

        public int? LeaseDurationSeconds { get; init; }

        public string? AcquireTime { get; init; }

        public string? RenewTime { get; init; }

        public int? LeaseTransitions { get; init; }
    }
}
