namespace Octopoid.Core.Kinds;

/// <summary>The types of condition that the five kinds show.</summary>
public static class ConditionTypes
{
    /// <summary>Task: it could be claimed now, were a slot free. False says what it waits for.</summary>
    public const string Claimable = "Claimable";

    /// <summary>Task: an attempt holds a slot. Set by the claim itself.</summary>
    public const string Running = "Running";

    /// <summary>Task: it is done.</summary>
    public const string Complete = "Complete";

    /// <summary>Task: it has failed and waits for a person's word.</summary>
    public const string Failed = "Failed";

    /// <summary>Blueprint, flow, repository, orchestrator: the spec is valid and in force.</summary>
    public const string Ready = "Ready";

    /// <summary>Blueprint, orchestrator: paused by its spec.</summary>
    public const string Paused = "Paused";

    /// <summary>Blueprint, repository, orchestrator: starts wait because too many pull requests are open, or their number is not known.</summary>
    public const string Backpressured = "Backpressured";

    /// <summary>Blueprint, orchestrator: agents cannot be started, so starts are held back but for one probe at a time.</summary>
    public const string Degraded = "Degraded";

    /// <summary>Repository: the count of open pull requests is younger than its limit.</summary>
    public const string CountFresh = "CountFresh";
}
