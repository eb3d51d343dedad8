using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>Whether agents that may open a pull request are started.</summary>
public enum GateState
{
    /// <summary>They are, as far as this gate is concerned.</summary>
    [JsonStringEnumMemberName("Open")]
    Open,

    /// <summary>They are not; repairs and reviews are.</summary>
    [JsonStringEnumMemberName("Closed")]
    Closed,
}
