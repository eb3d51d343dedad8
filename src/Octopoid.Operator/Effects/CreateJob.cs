using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Leases;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Jobs;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Status;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Makes the Job of a claimed attempt, and before it the ConfigMap of its scripts.</summary>
internal sealed partial class CreateJob(
    FencedTransport transport,
    TaskClient tasks,
    ScriptsStore scripts,
    Watches watches,
    Retries retries,
    TaskEvents events,
    AttemptMetrics metrics,
    Inbox inbox,
    ILogger<CreateJob> logger)
{
    /// <summary>Makes the Job, and tells the loop how it went.</summary>
    public async Task RunAsync(Decision.CreateJob create, CancellationToken cancellationToken)
    {
        var slot = create.Slot;
        var task = slot.ClaimedTask;
        inbox.Post(await retries.UntilDefiniteAsync(
            "create the Job",
            slot.Task.ToString(),
            async (isAmbiguous, token) =>
            {
                // A claim that was found, not made, comes without the prompt.
                task ??= await tasks.ReadAsync(slot.Task, slot.TaskUid, token).ConfigureAwait(false);
                return task?.Status?.Claim?.Attempt != slot.Attempt
                    ? Refused(slot, AttemptEnd.Infrastructure(Reasons.JobRefused, "The claim is gone."))
                    : await CreateAsync(create, task, isAmbiguous, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false));
    }

    private async Task<Fact> CreateAsync(Decision.CreateJob create, AgentTask task, bool isAmbiguous, CancellationToken cancellationToken)
    {
        var slot = create.Slot;
        if (TaskRules.Violation(task) is { } violation)
        {
            return Refused(slot, AttemptEnd.Failure(Reasons.InvalidSpec, violation));
        }

        try
        {
            var configMap = ScriptsConfigMap.For(create.Blueprint, create.Repository is not null);
            if (!TryBuild(create, task, configMap?.Name, out var body, out var error))
            {
                LogRefused(slot.Task, error);
                return Refused(slot, AttemptEnd.StartFailure(Reasons.InvalidSpec, error));
            }

            if (configMap is not null)
            {
                await scripts.EnsureAsync(configMap, slot.Task.Namespace, cancellationToken).ConfigureAwait(false);
            }

            var job = await transport.PostAsync(
                ResourcePaths.Jobs.Collection(slot.Task.Namespace), body, ObservedJson.Default.ObservedJob, cancellationToken)
                .ConfigureAwait(false);
            return Created(slot, task, job);
        }
        catch (ApiException e) when (Retries.IsDefinite(e))
        {
            // One is there already, or an earlier try without an answer may have made it, which is why this one is refused.
            if ((e.IsAlreadyExists || isAmbiguous) && await transport.FindJobAsync(slot, cancellationToken).ConfigureAwait(false) is { } found)
            {
                // One that we have not tried to make, the leader before us has made, and told of.
                return !IsOurs(slot, found)
                    ? Refused(slot, AttemptEnd.Infrastructure(
                        Reasons.NameConflict, $"A Job named {slot.JobName} exists that does not belong to this attempt."))
                    : isAmbiguous ? Created(slot, task, found) : Landed(slot, task, found);
            }

            LogRefused(slot.Task, e.Message);
            return Refused(slot, AttemptEnd.StartFailure(Reasons.JobRefused, e.Message));
        }
    }

    /// <summary>A blueprint's free-form parts may hold anything; what cannot be made into a Job harms this attempt alone.</summary>
    private static bool TryBuild(
        Decision.CreateJob create,
        AgentTask task,
        string? scriptsConfigMap,
        [NotNullWhen(true)] out byte[]? body,
        [NotNullWhen(false)] out string? error)
    {
        try
        {
            (body, error) = (JobBuilder.Build(create.Slot, task, create.Blueprint, create.Repository, scriptsConfigMap), null);
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            (body, error) = (null, $"The blueprint {create.Blueprint.Metadata.Name} makes no Job: {e.Message}");
            return false;
        }
    }

    /// <summary>Its name says the attempt, and its owner cannot be edited as labels can.</summary>
    private static bool IsOurs(Slot slot, ObservedJob job) => job.Metadata.IsOwnedBy(slot.TaskUid);

    private Fact.JobLanded Created(Slot slot, AgentTask task, ObservedJob job)
    {
        LogCreated(slot.Task, slot.JobName);
        events.Started(slot);
        metrics.Started(slot);
        return Landed(slot, task, job);
    }

    /// <summary>Seen here first, so that a Job which the loop does not find from now on is one that was deleted.</summary>
    private Fact.JobLanded Landed(Slot slot, AgentTask task, ObservedJob job)
    {
        if (job.Metadata.IsManaged)
        {
            watches.Jobs.Observe(job);
        }

        return new Fact.JobLanded(slot.TaskUid, slot.Attempt, task);
    }

    private static Fact.JobRefused Refused(Slot slot, AttemptEnd end) => new(slot.TaskUid, slot.Attempt, end);

    [LoggerMessage(EventId = 3201, Level = LogLevel.Debug, Message = "Task {Task}: Job {Job} created.")]
    private partial void LogCreated(NamespacedName task, string job);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "Task {Task}: its Job cannot be made: {Error}")]
    private partial void LogRefused(NamespacedName task, string error);
}
