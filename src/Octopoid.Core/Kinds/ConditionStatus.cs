namespace Octopoid.Core.Kinds;

/// <summary>Whether a condition holds.</summary>
public enum ConditionStatus
{
    /// <summary>It cannot be told.</summary>
    Unknown,

    /// <summary>It does not hold.</summary>
    False,

    /// <summary>It holds.</summary>
    True,
}
