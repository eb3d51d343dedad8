using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>How an attempt ended: the words of the agent's result, and one for an attempt that a person ended.</summary>
public enum AttemptOutcome
{
    /// <summary>The work is done.</summary>
    [JsonStringEnumMemberName("done")]
    Done,

    /// <summary>It failed; <see cref="FailureClass"/> says whose failure it was.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It needs another run on the same branch.</summary>
    [JsonStringEnumMemberName("needs_continuation")]
    NeedsContinuation,

    /// <summary>A review said yes.</summary>
    [JsonStringEnumMemberName("approved")]
    Approved,

    /// <summary>A review said no.</summary>
    [JsonStringEnumMemberName("rejected")]
    Rejected,

    /// <summary>A person cancelled the task while it ran.</summary>
    [JsonStringEnumMemberName("cancelled")]
    Cancelled,
}
