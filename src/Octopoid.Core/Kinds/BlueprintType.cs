using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>Who runs in the agent's container.</summary>
public enum BlueprintType
{
    /// <summary>The operator's runner, which calls the blueprint's script <c>run</c>.</summary>
    [JsonStringEnumMemberName("scripts")]
    Scripts,

    /// <summary>The blueprint's own image and command.</summary>
    [JsonStringEnumMemberName("custom")]
    Custom,
}
