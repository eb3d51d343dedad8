namespace Octopoid.Core.Kinds;

/// <summary>A task's rank among those that wait for the same role.</summary>
public enum TaskPriority
{
    /// <summary>First.</summary>
    P0,

    /// <summary>Soon.</summary>
    P1,

    /// <summary>As usual.</summary>
    P2,

    /// <summary>When nothing else waits.</summary>
    P3,
}
