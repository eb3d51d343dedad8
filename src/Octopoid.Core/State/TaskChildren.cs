namespace Octopoid.Core.State;

/// <summary>The Jobs and pods that serve tasks, found by the labels that say which attempt of which task.</summary>
public sealed class TaskChildren
{
    private readonly Dictionary<(string TaskUid, int Attempt), ObservedJob> _jobs = [];
    private readonly Dictionary<string, Dictionary<string, ObservedPod>> _pods = [];

    /// <summary>The Job of an attempt, or null.</summary>
    /// <param name="taskUid">The task's UID.</param>
    /// <param name="attempt">The attempt.</param>
    public ObservedJob? FindJob(string taskUid, int attempt) => _jobs.GetValueOrDefault((taskUid, attempt));

    /// <summary>The pods of an attempt: those that its Job controls, wherever else its labels may be found.</summary>
    /// <param name="slot">The attempt.</param>
    public IReadOnlyList<ObservedPod> PodsOf(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return _pods.TryGetValue(slot.TaskUid, out var pods)
            ? [.. pods.Values.Where(pod => pod.Metadata.Namespace == slot.Task.Namespace && pod.Metadata.IsControlledByJob(slot.JobName))]
            : [];
    }

    /// <summary>All that runs, or may yet: each with its Job's name.</summary>
    public IEnumerable<(ObservedChildMeta Child, string Job)> Living() =>
        _jobs.Values.Where(job => job.TerminalCondition is null).Select(job => (job.Metadata, job.Metadata.Name))
            .Concat(_pods.Values.SelectMany(pods => pods.Values)
                .Where(pod => !pod.IsTerminal() && pod.Metadata.ControllerJob is not null)
                .Select(pod => (pod.Metadata, pod.Metadata.ControllerJob!)));

    /// <summary>Takes in a Job.</summary>
    /// <param name="fact">The Job.</param>
    /// <returns>The UID of its task; null when it is no child of one.</returns>
    public string? See(Fact.JobSeen fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var metadata = (fact.Current ?? fact.Previous)!.Metadata;
        if (metadata.TaskUid is not { } taskUid || metadata.Attempt is not { } attempt)
        {
            return null;
        }

        if (fact.Current is { } job && metadata.IsOwnedBy(taskUid))
        {
            _jobs[(taskUid, attempt)] = job;
        }
        else if (_jobs.GetValueOrDefault((taskUid, attempt))?.Metadata.Uid == metadata.Uid)
        {
            _jobs.Remove((taskUid, attempt));
        }

        return taskUid;
    }

    /// <summary>Takes in a pod.</summary>
    /// <param name="fact">The pod.</param>
    /// <returns>The UID of its task; null when it is no child of one.</returns>
    public string? See(Fact.PodSeen fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var metadata = (fact.Current ?? fact.Previous)!.Metadata;
        if (metadata.TaskUid is not { } taskUid)
        {
            return null;
        }

        if (fact.Current is { } pod)
        {
            if (!_pods.TryGetValue(taskUid, out var pods))
            {
                _pods[taskUid] = pods = [];
            }

            pods[metadata.Uid] = pod;
        }
        else if (_pods.TryGetValue(taskUid, out var left) && left.Remove(metadata.Uid) && left.Count == 0)
        {
            _pods.Remove(taskUid);
        }

        return taskUid;
    }
}
