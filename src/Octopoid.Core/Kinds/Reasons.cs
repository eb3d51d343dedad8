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

    /// <summary>A self-audit found the ledger wrong and repaired it: a bug, to be reported.</summary>
    public const string LedgerDrift = "LedgerDrift";

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

    /// <summary>The agent has ended well: its task goes on in its flow.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>An agent works on the task.</summary>
    public const string AttemptRunning = "AttemptRunning";

    /// <summary>Agents of the blueprint run, and there is room for more.</summary>
    public const string InstancesRunning = "InstancesRunning";

    /// <summary>No agent of the blueprint runs, and no task waits for one.</summary>
    public const string NothingToDo = "NothingToDo";

    /// <summary>The object keeps every rule of its kind.</summary>
    public const string Valid = "Valid";

    /// <summary>The object breaks a rule of its kind; the message says which.</summary>
    public const string InvalidSpec = "InvalidSpec";

    /// <summary>The blueprint is paused.</summary>
    public const string BlueprintPaused = "BlueprintPaused";

    /// <summary>The orchestrator is paused: nothing starts in the whole cluster.</summary>
    public const string OrchestratorPaused = "OrchestratorPaused";

    /// <summary>The task is suspended.</summary>
    public const string Suspended = "Suspended";

    /// <summary>The task's flow does not exist; it may yet be applied.</summary>
    public const string FlowMissing = "FlowMissing";

    /// <summary>The task's repository does not exist; it may yet be applied.</summary>
    public const string RepositoryMissing = "RepositoryMissing";

    /// <summary>The blueprint that claimed the task does not exist any more.</summary>
    public const string BlueprintMissing = "BlueprintMissing";

    /// <summary>A task that must be done before is not.</summary>
    public const string DependencyPending = "DependencyPending";

    /// <summary>A person cancelled the task.</summary>
    public const string Cancelled = "Cancelled";

    /// <summary>A Job of the attempt's name exists that belongs to somebody else; it is left alone.</summary>
    public const string NameConflict = "NameConflict";

    /// <summary>The API server refused the attempt's Job; the message says why.</summary>
    public const string JobRefused = "JobRefused";

    /// <summary>The agent exited with a code other than 0.</summary>
    public const string ExitCode = "ExitCode";

    /// <summary>The agent used more memory than its limit.</summary>
    public const string OutOfMemory = "OutOfMemory";

    /// <summary>The pod was evicted, preempted or deleted, or its node was lost, before the agent had ended.</summary>
    public const string Disrupted = "Disrupted";

    /// <summary>The workspace could not be made ready: scripts or repository.</summary>
    public const string WorkspaceFailed = "WorkspaceFailed";

    /// <summary>The runner could not do its work: the agent's container lacks what the contract promises.</summary>
    public const string RunnerFailed = "RunnerFailed";

    /// <summary>The agent's container was told to stop while the agent was at work: its pod was deleted, or its node drained.</summary>
    public const string Terminated = "Terminated";

    /// <summary>The agent gave no sign of life for too long and was ended.</summary>
    public const string NoProgress = "NoProgress";

    /// <summary>The agent's word was not in the form that its commands write.</summary>
    public const string MalformedResult = "MalformedResult";

    /// <summary>The agent said that it failed.</summary>
    public const string AgentFailed = "AgentFailed";

    /// <summary>The agent asked to go on in another attempt.</summary>
    public const string NeedsContinuation = "NeedsContinuation";

    /// <summary>The agent gave a reviewer's verdict on work that is no review.</summary>
    public const string UnexpectedVerdict = "UnexpectedVerdict";
}
