using System.Text.Json;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Loop;

namespace Octopoid.Operator.Effects;

/// <summary>Cancels a task that nobody works on.</summary>
internal sealed partial class CancelTask(TaskClient tasks, Retries retries, Inbox inbox, TimeProvider time, ILogger<CancelTask> logger)
{
    private static readonly TimeSpan AfterChange = TimeSpan.FromSeconds(5);

    /// <summary>A refusal stands until somebody mends its cause.</summary>
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(30);

    /// <summary>Cancels, and tells the loop.</summary>
    public async Task RunAsync(Decision.Cancel cancel, CancellationToken cancellationToken) => inbox.Post(
        await retries.UntilDefiniteAsync<Fact>(
            "cancel", cancel.Task.Metadata.Key().ToString(), (_, token) => WriteAsync(cancel.Task, token), cancellationToken).ConfigureAwait(false));

    private async Task<Fact> WriteAsync(ObservedTask observed, CancellationToken cancellationToken)
    {
        var (key, uid) = (observed.Metadata.Key(), observed.Metadata.Uid);
        var task = await tasks.ReadAsync(key, uid, cancellationToken).ConfigureAwait(false);
        if (task?.Status is null || TaskStatusAfter.Cancel(task, time.GetUtcNow()) is not { } after)
        {
            // Gone, ended or claimed: the watch will say so too.
            return new Fact.CancelEnded(uid, AfterChange);
        }

        try
        {
            await tasks.PatchStatusAsync(
                key, task.Metadata.ResourceVersion, MergePatch.Between(Json(task.Status), Json(after)) ?? [], cancellationToken).ConfigureAwait(false);
            LogCancelled(key);
            return new Fact.CancelEnded(uid, null);
        }
        catch (ApiException e) when (Retries.IsDefinite(e))
        {
            LogRefused(key, e.Message);
            return new Fact.CancelEnded(uid, AfterRefusal);
        }
    }

    private static JsonObject Json(AgentTaskStatus status) =>
        JsonSerializer.SerializeToNode(status, KindsJson.Default.AgentTaskStatus)!.AsObject();

    [LoggerMessage(EventId = 3401, Level = LogLevel.Information, Message = "Task {Task}: cancelled.")]
    private partial void LogCancelled(NamespacedName task);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Warning, Message = "Task {Task}: the API server refuses its cancellation: {Error}")]
    private partial void LogRefused(NamespacedName task, string error);
}
