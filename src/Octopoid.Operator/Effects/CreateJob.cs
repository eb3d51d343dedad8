using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Transport;
using Octopoid.Operator.Jobs;
using Octopoid.Operator.Loop;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Effects;

/// <summary>Makes the Job of a claimed attempt, and before it the ConfigMap of its scripts.</summary>
internal sealed partial class CreateJob(
    ApiTransport transport, TaskClient tasks, Persistence persistence, Inbox inbox, ILogger<CreateJob> logger)
{
    /// <summary>Makes the Job, and tells the loop how it went.</summary>
    public async Task RunAsync(Decision.CreateJob create, CancellationToken cancellationToken)
    {
        var slot = create.Slot;
        var task = slot.ClaimedTask;
        inbox.Post(await persistence.UntilDefiniteAsync<Fact>(
            "create the Job",
            slot.Task.ToString(),
            async (_, token) =>
            {
                // A claim that was found, not made, comes without the prompt.
                task ??= await tasks.ReadAsync(slot.Task, slot.TaskUid, token).ConfigureAwait(false);
                return task is null
                    ? new Fact.JobRefused(slot.TaskUid, slot.Attempt, "The task is gone.")
                    : await CreateAsync(create, task, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false));
    }

    private async Task<Fact> CreateAsync(Decision.CreateJob create, AgentTask task, CancellationToken cancellationToken)
    {
        var slot = create.Slot;
        try
        {
            var scripts = ScriptsConfigMap.For(create.Blueprint, create.Repository is not null);
            await EnsureScriptsAsync(scripts, slot.Task.Namespace, cancellationToken).ConfigureAwait(false);
            var body = JobBuilder.Build(slot, task, create.Blueprint, create.Repository, scripts?.Name);
            await transport.PostAsync(
                ResourcePaths.Jobs.Collection(slot.Task.Namespace), body, ObservedJson.Default.ObservedJob, cancellationToken)
                .ConfigureAwait(false);
            LogCreated(slot.Task, slot.JobName);
            return new Fact.JobLanded(slot.TaskUid, slot.Attempt, task);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            return await AdoptAsync(slot, task, cancellationToken).ConfigureAwait(false);
        }
        catch (ApiException e) when (!ApiException.IsTransient(e) && !e.IsConflict)
        {
            LogRefused(slot.Task, e.Message);
            return new Fact.JobRefused(slot.TaskUid, slot.Attempt, e.Message);
        }
    }

    /// <summary>A Job of the name is there: ours, from a write whose answer was lost, or somebody else's, which is left alone.</summary>
    private async Task<Fact> AdoptAsync(Slot slot, AgentTask task, CancellationToken cancellationToken)
    {
        var job = await transport.GetAsync(
            ResourcePaths.Jobs.Object(slot.Task.Namespace, slot.JobName), ObservedJson.Default.ObservedJob, cancellationToken)
            .ConfigureAwait(false);
        return job.Metadata.IsOwnedBy(slot.TaskUid) && job.Metadata.Attempt() == slot.Attempt
            ? new Fact.JobLanded(slot.TaskUid, slot.Attempt, task)
            : new Fact.JobRefused(slot.TaskUid, slot.Attempt, $"A Job named {slot.JobName} exists that does not belong to this attempt.");
    }

    private async Task EnsureScriptsAsync(ScriptsConfigMap? scripts, string namespaceName, CancellationToken cancellationToken)
    {
        if (scripts is null)
        {
            return;
        }

        try
        {
            await transport.PostAsync(
                ResourcePaths.ConfigMaps.Collection(namespaceName), scripts.Body(), ObservedJson.Default.ObservedMeta, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (ApiException e) when (e.IsAlreadyExists)
        {
            // Named by its content and immutable: the one that is there is the one wanted.
        }
    }

    [LoggerMessage(EventId = 3201, Level = LogLevel.Debug, Message = "Task {Task}: Job {Job} created.")]
    private partial void LogCreated(NamespacedName task, string job);

    [LoggerMessage(EventId = 3202, Level = LogLevel.Warning, Message = "Task {Task}: the API server refuses the Job: {Error}")]
    private partial void LogRefused(NamespacedName task, string error);
}
