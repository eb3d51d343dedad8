namespace Octopoid.Core.Kinds;

/// <summary>A pool's state in a word, as the column STATE shows it.</summary>
public enum BlueprintState
{
    /// <summary>Nothing runs and nothing waits.</summary>
    Idle,

    /// <summary>Agents run, and more could.</summary>
    Running,

    /// <summary>A limit on the number of agents is reached.</summary>
    AtCapacity,

    /// <summary>Tasks wait because of open pull requests.</summary>
    Backpressured,

    /// <summary>Paused, or the orchestrator is.</summary>
    Paused,

    /// <summary>Agents cannot be started.</summary>
    Degraded,

    /// <summary>The spec is wrong; nothing starts until it is mended.</summary>
    Invalid,
}
