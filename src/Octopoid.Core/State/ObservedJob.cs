namespace Octopoid.Core.State;

/// <summary>What is kept of a Job of ours.</summary>
public sealed record ObservedJob
{
    /// <summary>Whose it is.</summary>
    public ObservedChildMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>How it stands.</summary>
    public JobStatus? Status { get; init; }

    /// <summary>The condition that ended it, <c>Complete</c> or <c>Failed</c>; null while it is not terminal. A Job's pod counts say
    /// nothing of the kind: they run ahead of it, or behind.</summary>
    public JobCondition? TerminalCondition() =>
        Status?.Conditions?.FirstOrDefault(c => c is { Status: "True", Type: "Complete" or "Failed" });

    /// <summary>How a Job stands.</summary>
    public sealed record JobStatus
    {
        /// <summary>Its conditions.</summary>
        public IReadOnlyList<JobCondition>? Conditions { get; init; }
    }

    /// <summary>A condition of a Job.</summary>
    public sealed record JobCondition
    {
        /// <summary><c>Complete</c>, <c>Failed</c>, <c>Suspended</c> and others.</summary>
        public string? Type { get; init; }

        /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
        public string? Status { get; init; }

        /// <summary>E.g. <c>DeadlineExceeded</c>.</summary>
        public string? Reason { get; init; }
    }
}
