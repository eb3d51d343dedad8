using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Outcomes;

/// <summary>What an attempt's Job and pods mean (DESIGN §4, the table). The agent's own result stands above a disruption, and that above an exit code. Pure.</summary>
public static class Classification
{
    /// <summary>The container whose process is the agent.</summary>
    public const string AgentContainer = "agent";

    /// <summary>The init container that makes the workspace ready.</summary>
    public const string WorkspaceContainer = "workspace";

    /// <summary>The outcome of an attempt.</summary>
    /// <param name="attempt">What it was for.</param>
    /// <param name="job">Its Job; null when it is gone.</param>
    /// <param name="pods">All pods that it has had, as they were last seen, oldest first.</param>
    public static AttemptEnd Of(AttemptContract attempt, ObservedJob? job, IReadOnlyList<ObservedPod> pods)
    {
        ArgumentNullException.ThrowIfNull(attempt);
        ArgumentNullException.ThrowIfNull(pods);

        // Where a pod was replaced, one of them may have done the work, whatever became of the other.
        var ends = pods.Select(pod => FromResult(attempt, pod)).OfType<AttemptEnd>().ToList();
        return ends.Find(end => end.Outcome is AttemptOutcome.Done or AttemptOutcome.Approved or AttemptOutcome.Rejected) ?? ends.LastOrDefault()
            ?? pods.Count switch
            {
                0 => FromJobAlone(job),
                1 => FromPod(attempt, job, pods[0]),
                _ => AttemptEnd.Infrastructure(
                    Reasons.Disrupted, $"The pod {pods[0].Metadata.Name} ended before its agent had, and Kubernetes made another for it."),
            };
    }

    /// <summary>True once a pod's agent runs, or has run.</summary>
    /// <param name="pod">The pod.</param>
    public static bool HasStarted(ObservedPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return pod.StateOf(AgentContainer) is { } state
            ? state.Running is not null || (state.Terminated is { } terminated && !CannotRun(terminated))
            : pod.Status?.Phase is "Running" or "Succeeded";
    }

    private static AttemptEnd? FromResult(AttemptContract attempt, ObservedPod pod) =>
        pod.StateOf(AgentContainer)?.Terminated is { } agent
        && AgentResult.Parse(agent.Message) is { } result
        && (result.Attempt ?? attempt.Number) == attempt.Number
            ? FromResult(attempt, result, agent) with { Result = result }
            : null;

    private static AttemptEnd FromResult(AttemptContract attempt, AgentResult result, ObservedPod.TerminatedState agent)
    {
        var comment = result.Comment ?? "";
        return result.Outcome switch
        {
            AttemptOutcome.Done when attempt.IsReview => AttemptEnd.Failure(
                Reasons.NoVerdict, Join("The review has ended with neither approval nor rejection.", comment)),
            AttemptOutcome.Done when attempt is { HasRepository: true, HasWork: false } && result is { Commits: 0, PullRequestNumber: null } =>
                AttemptEnd.Failure(Reasons.NoCommits, Join("The agent said that it is done, but has committed nothing.", comment)),
            AttemptOutcome.Done => new AttemptEnd(AttemptOutcome.Done, null, Reasons.Succeeded, comment),
            AttemptOutcome.Approved when attempt.IsReview => new AttemptEnd(AttemptOutcome.Approved, null, Reasons.Approved, comment),
            AttemptOutcome.Rejected when attempt.IsReview => new AttemptEnd(AttemptOutcome.Rejected, null, Reasons.Rejected, comment),
            AttemptOutcome.NeedsContinuation => new AttemptEnd(
                AttemptOutcome.NeedsContinuation, null, Reasons.NeedsContinuation, Join(result.Reason, comment)),
            AttemptOutcome.Failed when result.Reason is Reasons.PushFailed or Reasons.WorkspaceFailed or Reasons.RunnerFailed
                or Reasons.Terminated => AttemptEnd.Infrastructure(result.Reason, comment),

            // The kernel kills one process of the container, rarely the runner itself.
            AttemptOutcome.Failed when agent.Reason == "OOMKilled" && result.Reason?.StartsWith("ExitCode", StringComparison.Ordinal) == true =>
                AttemptEnd.Failure(Reasons.OutOfMemory, Join("The agent used more memory than its limit.", comment)),
            AttemptOutcome.Failed when IsWord(result.Reason) => AttemptEnd.Failure(result.Reason!, comment),
            AttemptOutcome.Failed => AttemptEnd.Failure(Reasons.AgentFailed, Join(result.Reason, comment)),
            _ => AttemptEnd.Failure(Reasons.UnexpectedVerdict, "The agent approved or rejected, but the task is not under review."),
        };
    }

    /// <summary>A reason is one CamelCase word (API conventions); what else an agent writes there goes into the sentence.</summary>
    private static bool IsWord(string? reason) =>
        reason is { Length: > 0 and <= 64 } && char.IsAsciiLetterUpper(reason[0]) && reason.All(char.IsAsciiLetterOrDigit);

    private static string Join(string? first, string comment) =>
        string.IsNullOrEmpty(first) ? comment : comment.Length == 0 ? first : first[^1] == '.' ? $"{first} {comment}" : $"{first}: {comment}";

    private static AttemptEnd FromJobAlone(ObservedJob? job)
    {
        if (job is null)
        {
            return AttemptEnd.Infrastructure(Reasons.Lost, "The attempt's Job is gone and nothing tells how it ended.");
        }

        return job.TerminalCondition?.Reason == "DeadlineExceeded"
            ? AttemptEnd.Failure(Reasons.Deadline, "The Job's deadline passed, and Kubernetes removed its pod.")
            : AttemptEnd.Infrastructure(Reasons.ResultLost, "The attempt's Job has ended but no pod of it is left to read the result from.");
    }

    private static AttemptEnd FromPod(AttemptContract attempt, ObservedJob? job, ObservedPod pod)
    {
        if (pod.StateOf(WorkspaceContainer)?.Terminated is { ExitCode: not (0 or null) } workspace)
        {
            // A node that is lost, or drained, ends this container as it does any other.
            var said = AgentResult.Parse(workspace.Message)?.Comment;
            return said is null && IsDisrupted(pod) ? Disruption(pod) : AttemptEnd.Infrastructure(
                Reasons.WorkspaceFailed, said ?? $"The workspace container exited with code {workspace.ExitCode}.");
        }

        if (pod.StateOf(AgentContainer)?.Terminated is not { } agent)
        {
            return job?.TerminalCondition?.Reason == "DeadlineExceeded" || pod.Status?.Reason == "DeadlineExceeded"
                ? AttemptEnd.Failure(Reasons.Deadline, "The Job's deadline passed before the agent had ended.")
                : job is null && !pod.IsTerminal() ? FromJobAlone(job)
                : InitFailure(pod) ?? Disruption(pod);
        }

        if (CannotRun(agent))
        {
            return AttemptEnd.StartFailure(Reasons.ContainerCannotRun, $"The agent's program could not be started: {agent.Message ?? agent.Reason}");
        }

        // The kubelet's word for a container that it does not find any more: its node was started anew.
        if (IsDisrupted(pod) || agent.Reason == "ContainerStatusUnknown" || (pod.Metadata.IsBeingDeleted && agent.ExitCode != 0))
        {
            return Disruption(pod);
        }

        return agent switch
        {
            { Reason: "OOMKilled" } => AttemptEnd.Failure(Reasons.OutOfMemory, "The agent used more memory than its limit."),
            { ExitCode: not 0 } => AttemptEnd.Failure(Reasons.ExitCode, $"The agent exited with code {agent.ExitCode} and left no result."),
            _ when AgentResult.Parse(agent.Message) is { Attempt: { } other } => AttemptEnd.Failure(
                Reasons.NoResult, $"The agent exited with code 0, but the result that it left is that of attempt {other}."),
            { Message: { } message } when LooksLikeResult(message) => AttemptEnd.Failure(
                Reasons.MalformedResult, "What the agent left is not a result: no JSON of the form that is asked for, or more than the 4,096 bytes that a kubelet keeps."),
            _ when attempt.MustReport => AttemptEnd.Failure(Reasons.NoResult, "The agent exited with code 0 but left no result."),
            _ => new AttemptEnd(AttemptOutcome.Done, null, Reasons.Succeeded, ""),
        };
    }

    /// <summary>Of a message that is too long a kubelet keeps the end.</summary>
    private static bool LooksLikeResult(string message) => message.AsSpan().Trim() is ['{', ..] or [.., '}'];

    /// <summary>An init container of somebody's own that has failed keeps the agent from starting.</summary>
    private static AttemptEnd? InitFailure(ObservedPod pod) =>
        pod.Status?.InitContainerStatuses?.FirstOrDefault(container => container.State?.Terminated is { ExitCode: not (0 or null) }) is { } init
        && !IsDisrupted(pod)
            ? AttemptEnd.Infrastructure(
                Reasons.WorkspaceFailed, $"The init container {init.Name} exited with code {init.State!.Terminated!.ExitCode}, so the agent was not started.")
            : null;

    /// <summary>The runtimes' words for a program that cannot be started; they end such a container with a code of their own.</summary>
    private static bool CannotRun(ObservedPod.TerminatedState agent) => agent.Reason is "ContainerCannotRun" or "StartError";

    private static bool IsDisrupted(ObservedPod pod) =>
        pod.Status?.Reason is "Evicted" or "Preempting" or "Preempted" or "NodeLost" or "NodeShutdown" or "Shutdown" or "Terminated" or "NodeAffinity"
            or "OutOfcpu" or "OutOfmemory" or "OutOfpods" or "UnexpectedAdmissionError"
        || pod.Status?.Conditions?.Any(condition => condition is { Type: "DisruptionTarget", Status: "True" }) == true;

    private static AttemptEnd Disruption(ObservedPod pod)
    {
        var target = pod.Status?.Conditions?.FirstOrDefault(condition => condition is { Type: "DisruptionTarget", Status: "True" });
        var (reason, message) = (pod.Status?.Reason ?? target?.Reason, pod.Status?.Message ?? target?.Message);
        var why = reason is null ? "" : message is null ? $": {reason}" : $": {reason}, {message.TrimEnd('.', ' ')}";
        return AttemptEnd.Infrastructure(Reasons.Disrupted, $"The pod {pod.Metadata.Name} ended before its agent had{why}.");
    }
}
