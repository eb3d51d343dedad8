using System.Text.Json;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Effects;

/// <summary>Records an attempt's end in the status of its task, and takes the claim off it.</summary>
internal sealed partial class FinishAttempt(
    TaskClient tasks, ScriptsStore scripts, Retries retries, TaskEvents events, AttemptMetrics metrics, Inbox inbox, TimeProvider time, ILogger<FinishAttempt> logger)
{
    /// <summary>A refusal stands until somebody mends its cause; till then the worker has better things to do.</summary>
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(30);

    /// <summary>Records, and tells the loop when it is done.</summary>
    public async Task RunAsync(Decision.Finish finish, CancellationToken cancellationToken)
    {
        var slot = finish.Slot;
        var task = slot.ClaimedTask;
        if (finish.End.IsStartFailure)
        {
            scripts.Forget(slot.Task.Namespace);
        }

        inbox.Post(await retries.UntilDefiniteAsync<Fact>(
            "record the result",
            slot.Task.ToString(),
            async (isAmbiguous, token) =>
            {
                task ??= await tasks.ReadAsync(slot.Task, slot.TaskUid, token).ConfigureAwait(false);
                var known = task;

                // Should this try fail, the next one goes by what the server has then.
                task = null;
                return await RecordAsync(finish, known, isAmbiguous, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false));
    }

    private async Task<Fact> RecordAsync(Decision.Finish finish, AgentTask? task, bool isAmbiguous, CancellationToken cancellationToken)
    {
        var slot = finish.Slot;
        if (task?.Status?.Claim is not { } claim || claim.Attempt != slot.Attempt)
        {
            // Deleted, or recorded already: by a write whose answer was lost, or by hand.
            if (isAmbiguous && task?.Status?.Attempts?.Any(attempt => attempt.Number == slot.Attempt && attempt.Job == slot.JobName) == true)
            {
                Recorded(finish, task.Status.State ?? "");
            }

            return new Fact.FinishLanded(slot.TaskUid, slot.Attempt);
        }

        try
        {
            await WriteAsync(finish, task, cancellationToken).ConfigureAwait(false);
            return new Fact.FinishLanded(slot.TaskUid, slot.Attempt);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            return new Fact.FinishLanded(slot.TaskUid, slot.Attempt);
        }
        catch (ApiException e) when (Retries.IsDefinite(e))
        {
            LogRefused(slot.Task, slot.Attempt, e.Message);
            return new Fact.FinishRefused(slot.TaskUid, slot.Attempt, AfterRefusal);
        }
    }

    private async Task WriteAsync(Decision.Finish finish, AgentTask task, CancellationToken cancellationToken)
    {
        var after = TaskStatusAfter.Finish(task, finish.End, finish.Flow, finish.Retry, time.GetUtcNow());
        var patch = MergePatch.Between(Json(task.Status!), Json(after)) ?? [];
        await tasks.PatchStatusAsync(finish.Slot.Task, task.Metadata.ResourceVersion, patch, cancellationToken).ConfigureAwait(false);
        Recorded(finish, after.State ?? "");
    }

    private void Recorded(Decision.Finish finish, string state)
    {
        LogFinished(finish.Slot.Task, finish.Slot.Attempt, finish.End.Outcome, finish.End.Reason, state);
        events.Ended(finish.Slot, finish.End, state);
        metrics.Ended(finish.Slot, finish.End);
    }

    private static JsonObject Json(AgentTaskStatus status) =>
        JsonSerializer.SerializeToNode(status, KindsJson.Default.AgentTaskStatus)!.AsObject();

    [LoggerMessage(EventId = 3301, Level = LogLevel.Information,
        Message = "Task {Task}: attempt {Attempt} ended: {Outcome} ({Reason}); the task is now {State}.")]
    private partial void LogFinished(NamespacedName task, int attempt, AttemptOutcome outcome, string reason, string state);

    [LoggerMessage(EventId = 3302, Level = LogLevel.Error,
        Message = "Task {Task}: the API server refuses the result of attempt {Attempt}; its slot is held: {Error}")]
    private partial void LogRefused(NamespacedName task, int attempt, string error);
}
