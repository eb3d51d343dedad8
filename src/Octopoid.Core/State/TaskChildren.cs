namespace Octopoid.Core.State;

/// <summary>The Jobs that serve tasks, by name, and their pods. Labels can be edited, so they decide nothing here, but for pods that were taken
/// from their Job (<c>kubectl delete job --cascade=orphan</c>) and run on.</summary>
public sealed class TaskChildren
{
    private readonly Dictionary<NamespacedName, ObservedJob> _jobs = [];
    private readonly Dictionary<NamespacedName, Dictionary<string, ObservedPod>> _pods = [];
    private readonly Dictionary<(string TaskUid, int Attempt), Dictionary<string, ObservedPod>> _loosePods = [];

    /// <summary>The Job of an attempt, or null.</summary>
    /// <param name="slot">The attempt.</param>
    public ObservedJob? FindJob(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return _jobs.GetValueOrDefault(slot.Job) is { } job && job.Metadata.IsOwnedBy(slot.TaskUid) ? job : null;
    }

    /// <summary>A Job by name, whoever's it is, or null.</summary>
    /// <param name="key">The name.</param>
    public ObservedJob? FindJob(NamespacedName key) => _jobs.GetValueOrDefault(key);

    /// <summary>The pods of an attempt: those that a Job of its name controls, unless that Job is known to be another's.</summary>
    /// <param name="slot">The attempt.</param>
    public IReadOnlyList<ObservedPod> PodsOf(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        IEnumerable<ObservedPod>? loose = _loosePods.GetValueOrDefault((slot.TaskUid, slot.Attempt))?.Values;
        IEnumerable<ObservedPod>? controlled = _pods.GetValueOrDefault(slot.Job)?.Values;
        if (loose is null && controlled is null)
        {
            return [];
        }

        var foreign = _jobs.GetValueOrDefault(slot.Job) is { } job && !job.Metadata.IsOwnedBy(slot.TaskUid) ? job.Metadata.Uid : null;
        return [.. (controlled ?? []).Where(pod => foreign is null || !pod.Metadata.IsOwnedBy(foreign)), .. loose ?? []];
    }

    /// <summary>True for a Job that may work for a task: it has not ended, and the task that its labels name owns it.</summary>
    /// <param name="job">The Job.</param>
    public static bool IsLiving(ObservedJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job is { TerminalCondition: null, Metadata.TaskUid: { } taskUid } && job.Metadata.IsOwnedBy(taskUid);
    }

    /// <summary>True for a pod that may work for a task: it has not ended, and no Job is known that controls it and is another's.</summary>
    /// <param name="pod">The pod.</param>
    public bool IsLiving(ObservedPod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        return !pod.IsTerminal()
            && (JobOf(pod) is not { } key
                || _jobs.GetValueOrDefault(key) is not { } job
                || !pod.Metadata.IsOwnedBy(job.Metadata.Uid)
                || (pod.Metadata.TaskUid is { } taskUid && job.Metadata.IsOwnedBy(taskUid)));
    }

    /// <summary>All that works for tasks, or may yet: each with its Job's name.</summary>
    public IEnumerable<(ObservedChildMeta Child, string Job)> Living() =>
        _jobs.Values.Where(IsLiving).Select(job => (job.Metadata, job.Metadata.Name))
            .Concat(_pods.Values.Concat(_loosePods.Values).SelectMany(pods => pods.Values).Where(IsLiving)
                .Select(pod => (pod.Metadata, pod.Metadata.ControllerJob ?? pod.Metadata.Name)));

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
    /// <returns>The Jobs that have it, or had it.</returns>
    public IReadOnlyList<NamespacedName> See(Fact.PodSeen fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var (before, after) = (JobOf(fact.Previous), JobOf(fact.Current));
        if (fact.Previous is { } last)
        {
            Remove(_pods, before, last);
            Remove(_loosePods, AttemptOf(last), last);
        }

        if (fact.Current is { } pod)
        {
            Add(_pods, after, pod);
            Add(_loosePods, AttemptOf(pod), pod);
        }

        return [.. new[] { before, after }.OfType<NamespacedName>().Distinct()];
    }

    private static void Add<TKey>(Dictionary<TKey, Dictionary<string, ObservedPod>> all, TKey? key, ObservedPod pod)
        where TKey : struct
    {
        if (key is not { } place)
        {
            return;
        }

        if (!all.TryGetValue(place, out var pods))
        {
            all[place] = pods = [];
        }

        pods[pod.Metadata.Uid] = pod;
    }

    private static void Remove<TKey>(Dictionary<TKey, Dictionary<string, ObservedPod>> all, TKey? key, ObservedPod pod)
        where TKey : struct
    {
        if (key is { } place && all.TryGetValue(place, out var pods) && pods.Remove(pod.Metadata.Uid) && pods.Count == 0)
        {
            all.Remove(place);
        }
    }

    private static NamespacedName? JobOf(ObservedPod? pod) =>
        pod is { Metadata: { Namespace: var namespaceName, ControllerJob: { } job } } ? new NamespacedName(namespaceName, job) : null;

    /// <summary>The attempt that a pod serves by its labels, when no object controls it.</summary>
    private static (string TaskUid, int Attempt)? AttemptOf(ObservedPod pod) =>
        pod.Metadata is { ControllerUid: null, TaskUid: { } taskUid, Attempt: { } attempt } ? (taskUid, attempt) : null;
}
