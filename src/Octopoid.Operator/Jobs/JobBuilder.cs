using System.Globalization;
using System.Text;
using System.Text.Json;
using k8s.Models;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Operator.Jobs;

/// <summary>Makes the Job of an attempt out of task, blueprint and repository. The same input makes the same bytes.</summary>
internal static class JobBuilder
{
    /// <summary>Between the runner's own deadlines and the Job's: the Job's deletes the pod and all evidence, so it must come last.</summary>
    private const int BackstopSeconds = 300;

    /// <summary>The Job as UTF-8 JSON, ready to be created.</summary>
    /// <param name="slot">The attempt.</param>
    /// <param name="task">Its task, whole.</param>
    /// <param name="blueprint">The blueprint that it is an instance of.</param>
    /// <param name="repository">The task's repository; null when it has none.</param>
    /// <param name="scriptsConfigMap">The ConfigMap of runner and inline scripts; null for a custom agent without a repository.</param>
    public static byte[] Build(
        Slot slot, AgentTask task, AgentBlueprint blueprint, AgentRepository? repository, string? scriptsConfigMap)
    {
        var attempt = new Attempt(slot, task, blueprint, repository, scriptsConfigMap);
        var labels = LabelsOf(attempt);
        var spec = blueprint.Spec;
        var job = new V1Job
        {
            ApiVersion = "batch/v1",
            Kind = "Job",
            Metadata = new V1ObjectMeta
            {
                Name = slot.JobName,
                NamespaceProperty = slot.Task.Namespace,
                Labels = labels,
                OwnerReferences = [Owner(task)],
            },
            Spec = new V1JobSpec
            {
                BackoffLimit = 0,
                Completions = 1,
                Parallelism = 1,
                ActiveDeadlineSeconds = (long)spec.TimeoutSeconds + spec.PendingTimeoutSeconds + BackstopSeconds,
                Template = PodTemplate.Build(attempt, labels),
            },
        };
        var json = JsonSerializer.SerializeToNode(job, JobsJson.Default.V1Job)!.AsObject();
        PodOverlay.Apply(json["spec"]!["template"]!.AsObject(), spec, labels);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static Dictionary<string, string> LabelsOf(Attempt attempt)
    {
        var labels = Identity(attempt);
        if (attempt.Slot.OpensPullRequestIn is { } repository)
        {
            // Should the task be deleted while it runs, this alone tells the next leader what is reserved.
            labels[Labels.Repository] = AttemptNames.LabelValue(repository.Name);
        }

        return labels;
    }

    private static Dictionary<string, string> Identity(Attempt attempt) => new()
    {
        [Labels.Managed] = Labels.ManagedValue,
        [Labels.Blueprint] = AttemptNames.LabelValue(attempt.Blueprint.Metadata.Name),
        [Labels.Role] = AttemptNames.LabelValue(attempt.Role),
        [Labels.Task] = AttemptNames.LabelValue(attempt.Task.Metadata.Name),
        [Labels.TaskUid] = attempt.Task.Metadata.Uid,
        [Labels.Attempt] = attempt.Slot.Attempt.ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>Not blocking: deleting a task must never wait for its Job.</summary>
    private static V1OwnerReference Owner(AgentTask task) => new()
    {
        ApiVersion = ApiGroup.ApiVersion,
        Kind = AgentTask.KindName,
        Name = task.Metadata.Name,
        Uid = task.Metadata.Uid,
        Controller = true,
    };
}
