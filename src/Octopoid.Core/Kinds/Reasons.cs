namespace Octopoid.Core.Kinds;

/// <summary>
/// Every reason, a word each, that a condition, an event, a metric or the command line gives. The sentence beside each is what it means.
/// </summary>
public static class Reasons
{
    /// <summary>As many agents of the blueprint run as its <c>maxInstances</c> allows.</summary>
    public const string InstanceLimit = "InstanceLimit";

    /// <summary>As many agents run in the whole cluster as <c>maxConcurrent</c> allows.</summary>
    public const string ConcurrencyLimit = "ConcurrencyLimit";

    /// <summary>As many pull requests are open, or may yet be opened by running agents, as the limit allows.</summary>
    public const string OpenPRLimit = "OpenPRLimit";

    /// <summary>The number of open pull requests is not known or too old to go by, so nothing that may open one is started.</summary>
    public const string OpenPRCountUnknown = "OpenPRCountUnknown";

    /// <summary>There is no orchestrator named <c>default</c>, so no limits are in force and nothing starts.</summary>
    public const string NoOrchestrator = "NoOrchestrator";

    /// <summary>The attempt's pod is on a node that no longer answers; the pod may still run, so its slot stays taken.</summary>
    public const string NodeLost = "NodeLost";

    /// <summary>The attempt's Job is gone and nothing tells how it ended.</summary>
    public const string Lost = "Lost";

    /// <summary>The attempt's Job has ended but no pod of it is left to read the result from; the branch is kept and tried again.</summary>
    public const string ResultLost = "ResultLost";

    /// <summary>The agent said that it is done, but its branch has no commits beyond the base and there is no pull request.</summary>
    public const string NoCommits = "NoCommits";

    /// <summary>The agent exited with code 0 but left neither a result nor commits.</summary>
    public const string NoResult = "NoResult";

    /// <summary>The agent ran for longer than <c>timeoutSeconds</c> and was ended.</summary>
    public const string Deadline = "Deadline";

    /// <summary>The agent's branch could not be pushed, or the remote does not show what was pushed.</summary>
    public const string PushFailed = "PushFailed";
}
