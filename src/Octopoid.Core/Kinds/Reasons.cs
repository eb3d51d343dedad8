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

    /// <summary>Fewer pull requests are open, or may yet be opened by running agents, than the limits allow.</summary>
    public const string BelowLimit = "BelowLimit";

    /// <summary>The count of open pull requests is young enough to go by.</summary>
    public const string Counted = "Counted";

    /// <summary>No forge tells of the repository's pull requests: those that its unfinished tasks have on record are counted.</summary>
    public const string NoForge = "NoForge";

    /// <summary>The forge's API gave no answer: no connection, a certificate that is not trusted, or too slow.</summary>
    public const string ForgeUnreachable = "ForgeUnreachable";

    /// <summary>The forge's API has a failure of its own (5xx).</summary>
    public const string ForgeFailed = "ForgeFailed";

    /// <summary>The forge's API refuses the credentials, or they lack a right (401, 403).</summary>
    public const string ForgeRefused = "ForgeRefused";

    /// <summary>The forge's API grants no more requests for now.</summary>
    public const string RateLimited = "RateLimited";

    /// <summary>The forge's API has no such repository, or does not show it to these credentials (404).</summary>
    public const string RepositoryNotFound = "RepositoryNotFound";

    /// <summary>What answered is not the forge's API, or not as it is documented.</summary>
    public const string MalformedAnswer = "MalformedAnswer";

    /// <summary>The Secret with the credentials for the forge's API does not exist, may not be read, or lacks a key.</summary>
    public const string SecretInvalid = "SecretInvalid";

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

    /// <summary>The attempt's Job waits for its pod, which a ResourceQuota of the namespace does not allow yet.</summary>
    public const string QuotaExceeded = "QuotaExceeded";

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

    /// <summary>A reviewer approved.</summary>
    public const string Approved = "Approved";

    /// <summary>A reviewer, or a person, sent the task back.</summary>
    public const string Rejected = "Rejected";

    /// <summary>A review has ended with neither approval nor rejection.</summary>
    public const string NoVerdict = "NoVerdict";

    /// <summary>Reviews sent the task back more often than <c>maxRejections</c> allows.</summary>
    public const string RejectionLimit = "RejectionLimit";

    /// <summary>A condition of the flow waits for a person's decision.</summary>
    public const string AwaitsDecision = "AwaitsDecision";

    /// <summary>A condition of the flow waits for the task's pull request to be merged.</summary>
    public const string AwaitsMerge = "AwaitsMerge";

    /// <summary>The task's pull request was closed without a merge.</summary>
    public const string PullRequestClosed = "PullRequestClosed";

    /// <summary>Every condition of the transition is met, so the task went on.</summary>
    public const string ConditionsMet = "ConditionsMet";

    /// <summary>A person's decision began a failed or cancelled task again.</summary>
    public const string Retried = "Retried";

    /// <summary>The task could be claimed: it waits for a free slot alone.</summary>
    public const string Claimable = "Claimable";

    /// <summary>The task's last attempt failed; it may be claimed again from <c>status.nextEligibleTime</c> on.</summary>
    public const string BackOff = "BackOff";

    /// <summary>A write of the task's status, such as its claim, was refused, often because the task had changed; it is tried again within half a minute.</summary>
    public const string WriteRefused = "WriteRefused";

    /// <summary>No blueprint serves the role that the task needs next.</summary>
    public const string RoleUnserved = "RoleUnserved";

    /// <summary>The task's flow breaks a rule of its kind, so nothing of it starts.</summary>
    public const string FlowInvalid = "FlowInvalid";

    /// <summary>The task's flow has no transition out of the state that the task is in.</summary>
    public const string StateUnknown = "StateUnknown";

    /// <summary>A task that must be done before has failed or was cancelled.</summary>
    public const string DependencyFailed = "DependencyFailed";

    /// <summary>A task that must be done before does not exist; it may yet be applied.</summary>
    public const string DependencyMissing = "DependencyMissing";

    /// <summary>The task and those that it is blocked by wait for each other in a circle.</summary>
    public const string DependencyCycle = "DependencyCycle";

    /// <summary>The pod's image could not be pulled before the pending limit.</summary>
    public const string ImagePullFailed = "ImagePullFailed";

    /// <summary>No node had room for the pod before the pending limit.</summary>
    public const string Unschedulable = "Unschedulable";

    /// <summary>The pod did not start before the pending limit, for another cause.</summary>
    public const string PendingTimeout = "PendingTimeout";

    /// <summary>The container's runtime could not start the agent's program.</summary>
    public const string ContainerCannotRun = "ContainerCannotRun";

    /// <summary>Several attempts in a row could not even start, so that the blueprint starts one probe at a time.</summary>
    public const string StartFailures = "StartFailures";
}
