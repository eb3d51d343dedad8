namespace Octopoid.Testing;

/// <summary>What a run of the operator amounts to: how many attempts lived at once, and what must not be. Computed from what the API server
/// stored, write by write, and from nothing that the operator says, but for which spec it goes by.</summary>
/// <remarks>An attempt lives while its Job has not ended or one of its pods has not. Every overlap is found, however short: each write has a
/// version, and there are no two at once.</remarks>
public sealed class AdmissionAccount
{
    private readonly Dictionary<string, Observation.Job> _jobs = [];
    private readonly Dictionary<string, (string JobUid, bool IsLive)> _pods = [];
    private readonly Dictionary<string, int> _livePods = [];
    private readonly HashSet<string> _live = [];
    private readonly Dictionary<string, int> _liveOfBlueprint = [];
    private readonly Dictionary<string, string> _liveOfTask = [];
    private readonly Dictionary<(string TaskUid, string Attempt), string> _attempts = [];
    private readonly Dictionary<string, List<(long Generation, int Maximum)>> _limits = [];
    private readonly Dictionary<string, int> _peaks = [];
    private readonly List<string> _violations = [];

    private AdmissionAccount()
    {
    }

    /// <summary>The most attempts that ever lived at once.</summary>
    public int Peak { get; private set; }

    /// <summary>What must not be, a sentence each.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>How many Jobs there were.</summary>
    public int Jobs => _jobs.Count;

    /// <summary>The most attempts of a blueprint that ever lived at once.</summary>
    /// <param name="blueprint"><c>namespace/name</c>.</param>
    public int PeakOf(string blueprint) => _peaks.GetValueOrDefault(blueprint);

    /// <summary>Accounts for what was observed, in any order.</summary>
    public static AdmissionAccount Of(IEnumerable<Observation> observations)
    {
        var account = new AdmissionAccount();
        foreach (var observation in observations.OrderBy(observation => observation.Version))
        {
            account.Add(observation);
        }

        return account;
    }

    private void Add(Observation observation)
    {
        switch (observation)
        {
            case Observation.Limit limit: Add(limit); break;
            case Observation.Pod pod: Add(pod); break;
            case Observation.Job job: Add(job); break;
        }
    }

    private void Add(Observation.Limit limit)
    {
        if (!_limits.TryGetValue(limit.Scope, out var generations))
        {
            _limits[limit.Scope] = generations = [];
        }

        // Made again under its name, it counts its generations from 1 again.
        generations.RemoveAll(known => known.Generation >= limit.Generation || known.Generation < limit.Acknowledged);
        generations.Add((limit.Generation, limit.Maximum));
    }

    private void Add(Observation.Job job)
    {
        if (_jobs.TryGetValue(job.Uid, out var known))
        {
            // What it was made as counts: anybody can edit labels.
            _jobs[job.Uid] = known with { IsLive = job.IsLive };
        }
        else if (job.Attempt.Length > 0)
        {
            _jobs[job.Uid] = job;
            if (!_attempts.TryAdd((job.TaskUid, job.Attempt), job.Name))
            {
                _violations.Add($"{job.Version}: {job.Name} is the second Job of attempt {job.Attempt} of task {job.TaskUid}.");
            }
        }
        else
        {
            return;
        }

        Compare(job.Uid, job.Version);
    }

    private void Add(Observation.Pod pod)
    {
        var change = (pod.IsLive ? 1 : 0) - (_pods.GetValueOrDefault(pod.Uid).IsLive ? 1 : 0);
        _pods[pod.Uid] = (pod.JobUid, pod.IsLive);
        _livePods[pod.JobUid] = _livePods.GetValueOrDefault(pod.JobUid) + change;
        Compare(pod.JobUid, pod.Version);
    }

    private void Compare(string jobUid, long version)
    {
        if (!_jobs.TryGetValue(jobUid, out var job))
        {
            return;
        }

        var isLive = job.IsLive || _livePods.GetValueOrDefault(jobUid) > 0;
        if (!isLive && _live.Remove(jobUid))
        {
            _liveOfBlueprint[job.Blueprint]--;
            if (_liveOfTask.GetValueOrDefault(job.TaskUid) == jobUid)
            {
                _liveOfTask.Remove(job.TaskUid);
            }
        }
        else if (isLive && _live.Add(jobUid))
        {
            Begin(job, version);
        }
    }

    private void Begin(Observation.Job job, long version)
    {
        var ofBlueprint = _liveOfBlueprint[job.Blueprint] = _liveOfBlueprint.GetValueOrDefault(job.Blueprint) + 1;
        _peaks[job.Blueprint] = Math.Max(PeakOf(job.Blueprint), ofBlueprint);
        Peak = Math.Max(Peak, _live.Count);
        if (!_liveOfTask.TryAdd(job.TaskUid, job.Uid))
        {
            _violations.Add($"{version}: {job.Name} lives beside {_jobs[_liveOfTask[job.TaskUid]].Name}, which is of the same task.");
        }

        if (ofBlueprint > Maximum(job.Blueprint))
        {
            _violations.Add($"{version}: with {job.Name}, {ofBlueprint} of {job.Blueprint} live; {Maximum(job.Blueprint)} may.");
        }

        if (_live.Count > Maximum(""))
        {
            _violations.Add($"{version}: with {job.Name}, {_live.Count} live; {Maximum("")} may.");
        }
    }

    /// <summary>A limit that the operator has not taken up yet does not count, nor one before the one that it has.</summary>
    private int Maximum(string scope) =>
        _limits.TryGetValue(scope, out var generations) ? generations.Max(generation => generation.Maximum) : int.MaxValue;
}
