using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>What a person may say of a task.</summary>
public enum DecisionVerdict
{
    /// <summary>The condition that is waited for is met.</summary>
    [JsonStringEnumMemberName("approve")]
    Approve,

    /// <summary>It is not; the task goes back with the comment.</summary>
    [JsonStringEnumMemberName("reject")]
    Reject,

    /// <summary>A failed or cancelled task begins again.</summary>
    [JsonStringEnumMemberName("retry")]
    Retry,
}
