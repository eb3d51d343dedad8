using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Outcomes;

/// <summary>What an ended Job and its pods mean (DESIGN §4, the table). The agent's own result stands above a disruption, and that above an exit code. Pure.</summary>
public static class Classification
{
    /// <summary>The container whose process is the agent.</summary>
    public const string AgentContainer = "agent";

    /// <summary>The init container that makes the workspace ready.</summary>
    public const string WorkspaceContainer = "workspace";

    /// <summary>The outcome of an attempt.</summary>
    /// <param name="attempt">The attempt.</param>
    /// <param name="job">Its Job; null when it is gone.</param>
    /// <param name="pods">Its pods, all terminal.</param>
    /// <param name="mustReport">True when exit code 0 alone is no success: for scripts, whose runner always reports, and for tasks with a repository.</param>
    public static AttemptEnd Of(int attempt, ObservedJob? job, IReadOnlyList<ObservedPod> pods, bool mustReport)
    {
        ArgumentNullException.ThrowIfNull(pods);
        foreach (var pod in pods)
        {
            if (AgentResult.Parse(Terminated(pod.Status?.ContainerStatuses, AgentContainer)?.Message) is { } result
                && (result.Attempt ?? attempt) == attempt)
            {
                return FromResult(result);
            }
        }

        return pods.Count == 0 ? FromJobAlone(job) : FromPod(pods[^1], job, mustReport);
    }

    private static AttemptEnd FromResult(AgentResult result)
    {
        var comment = result.Comment ?? "";
        var end = result.Outcome switch
        {
            AttemptOutcome.Done => new AttemptEnd(AttemptOutcome.Done, null, Reasons.Succeeded, comment),
            AttemptOutcome.NeedsContinuation => new AttemptEnd(
                AttemptOutcome.NeedsContinuation, null, Reasons.NeedsContinuation, Join(result.Reason, comment)),
            AttemptOutcome.Failed when result.Reason is Reasons.PushFailed or Reasons.WorkspaceFailed or Reasons.RunnerFailed
                or Reasons.Terminated => AttemptEnd.Infrastructure(result.Reason, comment),
            AttemptOutcome.Failed when IsWord(result.Reason) => AttemptEnd.Failure(result.Reason!, comment),
            AttemptOutcome.Failed => AttemptEnd.Failure(Reasons.AgentFailed, Join(result.Reason, comment)),
            _ => AttemptEnd.Failure(Reasons.UnexpectedVerdict, "The agent approved or rejected, but the task is not under review."),
        };
        return end with { Result = result };
    }

    /// <summary>A reason is one CamelCase word (API conventions); what else an agent writes there goes into the sentence.</summary>
    private static bool IsWord(string? reason) =>
        reason is { Length: > 0 and <= 64 } && char.IsAsciiLetterUpper(reason[0]) && reason.All(char.IsAsciiLetterOrDigit);

    private static string Join(string? reason, string comment) =>
        string.IsNullOrEmpty(reason) ? comment : comment.Length == 0 ? reason : $"{reason}: {comment}";

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

    private static AttemptEnd FromPod(ObservedPod pod, ObservedJob? job, bool mustReport)
    {
        if (Terminated(pod.Status?.InitContainerStatuses, WorkspaceContainer) is { ExitCode: not (0 or null) } workspace)
        {
            var said = AgentResult.Parse(workspace.Message)?.Comment;
            return AttemptEnd.Infrastructure(
                Reasons.WorkspaceFailed, said ?? $"The workspace container exited with code {workspace.ExitCode}.");
        }

        if (Terminated(pod.Status?.ContainerStatuses, AgentContainer) is not { } agent)
        {
            return job?.TerminalCondition?.Reason == "DeadlineExceeded"
                ? AttemptEnd.Failure(Reasons.Deadline, "The Job's deadline passed before the agent had ended.")
                : AttemptEnd.Infrastructure(Reasons.Disrupted, Sentence(pod));
        }

        if (pod.Status?.Reason is "Evicted" or "Preempting" or "NodeLost" or "NodeShutdown" or "Shutdown" or "Terminated"
            || (pod.Metadata.IsBeingDeleted && agent.ExitCode != 0))
        {
            return AttemptEnd.Infrastructure(Reasons.Disrupted, Sentence(pod));
        }

        return agent switch
        {
            { Reason: "OOMKilled" } => AttemptEnd.Failure(Reasons.OutOfMemory, "The agent used more memory than its limit."),
            { ExitCode: 0 } when mustReport => AttemptEnd.Failure(Reasons.NoResult, "The agent exited with code 0 but left no result."),
            { ExitCode: 0 } => new AttemptEnd(AttemptOutcome.Done, null, Reasons.Succeeded, ""),
            _ => AttemptEnd.Failure(Reasons.ExitCode, $"The agent exited with code {agent.ExitCode} and left no result."),
        };
    }

    private static string Sentence(ObservedPod pod) =>
        $"The pod {pod.Metadata.Name} ended before its agent had{(pod.Status?.Reason is { } reason ? ": " + reason : "")}.";

    private static ObservedPod.TerminatedState? Terminated(IReadOnlyList<ObservedPod.ContainerStatus>? containers, string name) =>
        containers?.FirstOrDefault(container => container.Name == name)?.State?.Terminated;
}
