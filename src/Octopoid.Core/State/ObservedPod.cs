using System.Text.Json.Serialization;
using Octopoid.Core.State.Reading;

namespace Octopoid.Core.State;

/// <summary>What is kept of a pod of ours.</summary>
public sealed record ObservedPod
{
    /// <summary>Whose it is.</summary>
    public ObservedChildMeta Metadata { get; init => field = value ?? new(); } = new();

    /// <summary>How it stands.</summary>
    public PodStatus? Status { get; init; }

    /// <summary>True when none of its containers will run again.</summary>
    public bool IsTerminal() => Status?.Phase is "Succeeded" or "Failed";

    /// <summary>How a pod stands.</summary>
    public sealed record PodStatus
    {
        /// <summary><c>Pending</c>, <c>Running</c>, <c>Succeeded</c>, <c>Failed</c> or <c>Unknown</c>.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Phase { get; init; }

        /// <summary>Why the pod as a whole is in its phase, e.g. <c>Evicted</c>, <c>NodeLost</c>.</summary>
        public string? Reason { get; init; }

        /// <summary>Its containers.</summary>
        public IReadOnlyList<ContainerStatus>? ContainerStatuses { get; init; }

        /// <summary>Its init containers.</summary>
        public IReadOnlyList<ContainerStatus>? InitContainerStatuses { get; init; }
    }

    /// <summary>How a container stands.</summary>
    public sealed record ContainerStatus
    {
        /// <summary>Its name.</summary>
        [JsonConverter(typeof(SharedStringConverter))]
        public string? Name { get; init; }

        /// <summary>Its state.</summary>
        public ContainerState? State { get; init; }
    }

    /// <summary>The state of a container: at most one of its members is set.</summary>
    public sealed record ContainerState
    {
        /// <summary>Set once it has ended.</summary>
        public TerminatedState? Terminated { get; init; }
    }

    /// <summary>How a container ended.</summary>
    public sealed record TerminatedState
    {
        /// <summary>Exit code of its process.</summary>
        public int? ExitCode { get; init; }

        /// <summary>E.g. <c>Completed</c>, <c>Error</c>, <c>OOMKilled</c>.</summary>
        public string? Reason { get; init; }

        /// <summary>Its termination message: the agent's result.</summary>
        public string? Message { get; init; }

        /// <summary>When it started.</summary>
        public DateTimeOffset? StartedAt { get; init; }

        /// <summary>When it ended.</summary>
        public DateTimeOffset? FinishedAt { get; init; }
    }
}
