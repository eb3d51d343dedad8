using System.Text.Json;
using System.Text.Json.Nodes;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;

namespace Octopoid.Operator.Effects;

/// <summary>Writes the claim of a task into its status.</summary>
internal sealed partial class ClaimTask(
    TaskClient tasks, Retries retries, AttemptMetrics metrics, Inbox inbox, OperatorIdentity identity, ILogger<ClaimTask> logger)
{
    /// <summary>A task that has changed since is claimed by its new state, which the watch brings; should it not, look again after this.</summary>
    private static readonly TimeSpan AfterConflict = TimeSpan.FromSeconds(5);

    /// <summary>A refusal for another cause will be one again, until somebody mends it.</summary>
    private static readonly TimeSpan AfterRefusal = TimeSpan.FromSeconds(30);

    /// <summary>Claims, and tells the loop how it went.</summary>
    public async Task RunAsync(Decision.Claim claim, CancellationToken cancellationToken) => inbox.Post(
        await retries.UntilDefiniteAsync(
            "write the claim",
            claim.Slot.Task.ToString(),
            (isAmbiguous, token) => WriteAsync(claim, isAmbiguous, token),
            cancellationToken).ConfigureAwait(false));

    private async Task<Fact> WriteAsync(Decision.Claim claim, bool isAmbiguous, CancellationToken cancellationToken)
    {
        var slot = claim.Slot;
        try
        {
            var task = await tasks.PatchStatusAsync(
                slot.Task, claim.Task.Metadata.ResourceVersion, StatusPatch(claim, identity.Name), cancellationToken).ConfigureAwait(false);
            return Landed(claim, task);
        }
        catch (ApiException e) when (Retries.IsDefinite(e) || e.IsConflict)
        {
            // An earlier try without an answer may be why this one was refused.
            if (isAmbiguous && await FindAsync(slot, cancellationToken).ConfigureAwait(false) is { } task)
            {
                return Landed(claim, task);
            }

            var isPast = e.IsConflict || e.IsNotFound;
            metrics.Refused(slot, e.IsConflict);
            if (!isPast)
            {
                LogRefused(slot.Task, e.Message);
            }

            return new Fact.ClaimRefused(
                slot.TaskUid, slot.Attempt, claim.Task.Metadata.ResourceVersion, isPast ? AfterConflict : AfterRefusal);
        }
    }

    private Fact.ClaimLanded Landed(Decision.Claim claim, AgentTask task)
    {
        var slot = claim.Slot;
        LogClaimed(slot.Task, slot.Attempt, slot.Blueprint.Name);
        metrics.Claimed(claim, task);
        return new Fact.ClaimLanded(slot.TaskUid, slot.Attempt, task);
    }

    /// <summary>The task, if it bears our claim.</summary>
    private async Task<AgentTask?> FindAsync(Slot slot, CancellationToken cancellationToken)
    {
        var task = await tasks.ReadAsync(slot.Task, slot.TaskUid, cancellationToken).ConfigureAwait(false);
        return task?.Status?.Claim is { } found && found.Attempt == slot.Attempt && found.Holder == identity.Name ? task : null;
    }

    /// <summary>What a claim writes into the task's status.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="holder">Who makes it.</param>
    internal static JsonObject StatusPatch(Decision.Claim claim, string holder)
    {
        var slot = claim.Slot;
        var made = new TaskClaim
        {
            Blueprint = slot.Blueprint.Name,
            Attempt = slot.Attempt,
            JobName = slot.JobName,
            ClaimedAt = slot.ClaimedAt,
            From = claim.Task.State(),
            Condition = slot.Condition,
            Holder = holder,
        };
        var conditions = TaskStatusAfter.Claim(
            claim.Task.Status?.Conditions, slot.Blueprint.Name, slot.Attempt, claim.Task.Metadata.Generation, slot.ClaimedAt!.Value);
        return new JsonObject
        {
            ["state"] = claim.State,
            ["claimedBy"] = slot.Blueprint.Name,
            ["claim"] = JsonSerializer.SerializeToNode(made, KindsJson.Default.TaskClaim),
            ["attempt"] = slot.Attempt,
            ["nextEligibleTime"] = null,
            ["conditions"] = JsonSerializer.SerializeToNode(conditions, KindsJson.Default.IReadOnlyListCondition),
        };
    }

    [LoggerMessage(EventId = 3101, Level = LogLevel.Information, Message = "Task {Task}: attempt {Attempt} claimed for {Blueprint}.")]
    private partial void LogClaimed(NamespacedName task, int attempt, string blueprint);

    [LoggerMessage(EventId = 3102, Level = LogLevel.Warning, Message = "Task {Task}: the API server refuses the claim: {Error}")]
    private partial void LogRefused(NamespacedName task, string error);
}
