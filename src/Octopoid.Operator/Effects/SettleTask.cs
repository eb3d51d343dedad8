using System.Text.Json;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;
using Octopoid.Kubernetes.Writing;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Writes the status of a task that nobody works on: cancelled, decided on, taken on by its flow, or telling what it waits for.</summary>
internal sealed partial class SettleTask(
    TaskClient tasks, Watches watches, Retries retries, TaskEvents events, Inbox inbox, TimeProvider time, ILogger<SettleTask> logger)
{
    private static readonly TimeSpan AfterChange = TimeSpan.FromSeconds(5);

    /// <summary>A refusal stands until somebody mends its cause.</summary>
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(30);

    /// <summary>Writes, and tells the loop.</summary>
    public async Task RunAsync(Decision.Settle settle, CancellationToken cancellationToken) => inbox.Post(
        await retries.UntilDefiniteAsync<Fact>(
            "write the status", settle.Task.Metadata.Key().ToString(), (_, token) => WriteAsync(settle, token), cancellationToken).ConfigureAwait(false));

    private async Task<Fact> WriteAsync(Decision.Settle settle, CancellationToken cancellationToken)
    {
        var (key, uid) = (settle.Task.Metadata.Key(), settle.Task.Metadata.Uid);
        var task = await tasks.ReadAsync(key, uid, cancellationToken).ConfigureAwait(false);
        if (task?.Status is not { } before || TaskSettlement.Of(task, settle, RejectionLimit(task), time.GetUtcNow()) is not { } after)
        {
            // Gone, claimed, or settled by a write without an answer: the watch will say so too.
            return new Fact.SettlementEnded(uid, AfterChange);
        }

        try
        {
            await tasks.PatchStatusAsync(
                key, task.Metadata.ResourceVersion, MergePatch.Between(Json(before), Json(after)) ?? [], cancellationToken).ConfigureAwait(false);

            // More than one where a flow takes it on at once; sent back and on again it is where it was, and has moved all the same.
            foreach (var change in (after.History ?? []).Except(before.History ?? []))
            {
                LogMoved(key, change.From, change.To, change.Reason);
                events.Moved(key, uid, change);
            }

            return new Fact.SettlementEnded(uid, null);
        }
        catch (ApiException e) when (Retries.IsDefinite(e))
        {
            LogRefused(key, e.Message);
            return new Fact.SettlementEnded(uid, AfterRefusal);
        }
    }

    /// <summary>As the blueprint allows whose agent has worked on it last.</summary>
    private int RejectionLimit(AgentTask task)
    {
        var blueprint = task.Status?.Attempts is [.., { Blueprint: { } name }]
            ? watches.Blueprints.Find(new ObjectKey(task.Metadata.Namespace ?? "", name))
            : null;
        return (blueprint?.Spec.Retry ?? new RetryPolicy()).MaxRejections;
    }

    private static JsonObject Json(AgentTaskStatus status) =>
        JsonSerializer.SerializeToNode(status, KindsJson.Default.AgentTaskStatus)!.AsObject();

    [LoggerMessage(EventId = 3401, Level = LogLevel.Information, Message = "Task {Task}: from {From} to {To} ({Reason}).")]
    private partial void LogMoved(NamespacedName task, string? from, string? to, string? reason);

    [LoggerMessage(EventId = 3402, Level = LogLevel.Warning, Message = "Task {Task}: the API server refuses its status: {Error}")]
    private partial void LogRefused(NamespacedName task, string error);
}
