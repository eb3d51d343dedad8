using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>Whose failure an attempt's was, which decides the budget that pays for it.</summary>
public enum FailureClass
{
    /// <summary>The task's own.</summary>
    [JsonStringEnumMemberName("task")]
    Task,

    /// <summary>The cluster's, the registry's or the forge's.</summary>
    [JsonStringEnumMemberName("infrastructure")]
    Infrastructure,
}
