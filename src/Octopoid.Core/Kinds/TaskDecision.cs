namespace Octopoid.Core.Kinds;

/// <summary>A person's word on a task. It acts once, and only when <see cref="Attempt"/> is the task's latest.</summary>
public sealed record TaskDecision
{
    /// <summary>The run number that the person has looked at, from 0.</summary>
    public int Attempt { get; init; }

    /// <summary>The condition that is meant; null: the one that is waited for.</summary>
    public string? Condition { get; init; }

    /// <summary>The word.</summary>
    public DecisionVerdict Verdict { get; init; }

    /// <summary>Given to the next attempt as feedback, at most 2,048 characters.</summary>
    public string? Comment { get; init; }
}
