namespace Octopoid.Core.State;

/// <summary>The Jobs that serve tasks, by name, and their pods. Names and owners cannot be edited; labels can, so they decide nothing here.</summary>
public sealed class TaskChildren
{
    private readonly Dictionary<NamespacedName, ObservedJob> _jobs = [];
    private readonly Dictionary<NamespacedName, Dictionary<string, ObservedPod>> _pods = [];

    /// <summary>The Job of an attempt, or null.</summary>
    /// <param name="slot">The attempt.</param>
    public ObservedJob? FindJob(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return _jobs.GetValueOrDefault(slot.Job) is { } job && job.Metadata.IsOwnedBy(slot.TaskUid) ? job : null;
    }

    /// <summary>The pods of an attempt: those that a Job of its name controls, unless that Job is known to be another's.</summary>
    /// <param name="slot">The attempt.</param>
    public IReadOnlyList<ObservedPod> PodsOf(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (!_pods.TryGetValue(slot.Job, out var pods))
        {
            return [];
        }

        var foreign = _jobs.GetValueOrDefault(slot.Job) is { } job && !job.Metadata.IsOwnedBy(slot.TaskUid) ? job.Metadata.Uid : null;
        return [.. pods.Values.Where(pod => foreign is null || !pod.Metadata.IsOwnedBy(foreign))];
    }

    /// <summary>True for a Job that may work for a task: it has not ended, and the task that its labels name owns it.</summary>
    /// <param name="job">The Job.</param>
    public static bool IsLiving(ObservedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job is { TerminalCondition: null, Metadata.TaskUid: { } taskUid } && job.Metadata.IsOwnedBy(taskUid);
    }

    /// <summary>True for a pod that may work for a task: it has not ended, and no Job is known that controls it and is another's.</summary>
    /// <param name="pod">The pod, controlled by a Job.</param>
    public bool IsLiving(ObservedPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return !pod.IsTerminal()
            && (_jobs.GetValueOrDefault(new NamespacedName(pod.Metadata.Namespace, pod.Metadata.ControllerJob!)) is not { } job
                || !pod.Metadata.IsOwnedBy(job.Metadata.Uid)
                || (pod.Metadata.TaskUid is { } taskUid && job.Metadata.IsOwnedBy(taskUid)));
    }

    /// <summary>All that works for tasks, or may yet: each with its Job's name.</summary>
    public IEnumerable<(ObservedChildMeta Child, string Job)> Living() =>
        _jobs.Values.Where(IsLiving).Select(job => (job.Metadata, job.Metadata.Name))
            .Concat(_pods.Values.SelectMany(pods => pods.Values).Where(IsLiving).Select(pod => (pod.Metadata, pod.Metadata.ControllerJob!)));

    /// <summary>Takes in a Job.</summary>
    /// <param name="fact">The Job.</param>
    public void See(Fact.JobSeen fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var metadata = (fact.Current ?? fact.Previous)!.Metadata;
        var key = new NamespacedName(metadata.Namespace, metadata.Name);
        if (fact.Current is { } job)
        {
            _jobs[key] = job;
        }
        else if (_jobs.GetValueOrDefault(key)?.Metadata.Uid == metadata.Uid)
        {
            _jobs.Remove(key);
        }
    }

    /// <summary>Takes in a pod.</summary>
    /// <param name="fact">The pod.</param>
    /// <returns>The Jobs that have it, or had it: a pod may be taken from its Job, by an edit of its labels.</returns>
    public IReadOnlyList<NamespacedName> See(Fact.PodSeen fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var (before, after) = (JobOf(fact.Previous), JobOf(fact.Current));
        if (before is { } had && before != after && _pods.TryGetValue(had, out var left) && left.Remove(fact.Previous!.Metadata.Uid) && left.Count == 0)
        {
            _pods.Remove(had);
        }

        if (after is { } has)
        {
            if (!_pods.TryGetValue(has, out var pods))
            {
                _pods[has] = pods = [];
            }

            pods[fact.Current!.Metadata.Uid] = fact.Current;
        }

        return [.. new[] { before, after }.OfType<NamespacedName>().Distinct()];
    }

    private static NamespacedName? JobOf(ObservedPod? pod) =>
        pod is { Metadata: { Namespace: var namespaceName, ControllerJob: { } job } } ? new NamespacedName(namespaceName, job) : null;
}
