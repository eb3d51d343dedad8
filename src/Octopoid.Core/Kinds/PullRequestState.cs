using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>How a pull request stands.</summary>
public enum PullRequestState
{
    /// <summary>Open, draft or not.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>Merged.</summary>
    [JsonStringEnumMemberName("merged")]
    Merged,

    /// <summary>Closed without a merge.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,
}
