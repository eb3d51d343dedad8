namespace Octopoid.Core.State;

/// <summary>The slots in use, one a task. All counts that admission compares with a limit derive from this one set.</summary>
public sealed class Ledger
{
    private readonly Dictionary<string, Slot> _slots = [];
    private readonly Dictionary<NamespacedName, string> _byJob = [];
    private readonly Dictionary<NamespacedName, int> _perBlueprint = [];
    private readonly Dictionary<NamespacedName, int> _reserved = [];
    private readonly Dictionary<NamespacedName, List<long>> _mended = [];

    /// <summary>How many slots are in use.</summary>
    public int Count => _slots.Count;

    /// <summary>The slots, in no order.</summary>
    public IReadOnlyCollection<Slot> Slots => _slots.Values;

    /// <summary>The slot of a task, or null.</summary>
    /// <param name="taskUid">The task's UID.</param>
    public Slot? Find(string taskUid) => _slots.GetValueOrDefault(taskUid);

    /// <summary>The slot of the attempt that a Job of a name is for, or null.</summary>
    /// <param name="job">The Job.</param>
    public Slot? FindByJob(NamespacedName job) => _byJob.TryGetValue(job, out var taskUid) ? Find(taskUid) : null;

    /// <summary>How many slots a blueprint's instances use.</summary>
    /// <param name="blueprint">The blueprint.</param>
    public int CountOf(NamespacedName blueprint) => _perBlueprint.GetValueOrDefault(blueprint);

    /// <summary>How many slots' attempts may open a pull request in a repository.</summary>
    /// <param name="repository">The repository.</param>
    public int ReservedIn(NamespacedName repository) => _reserved.GetValueOrDefault(repository);

    /// <summary>The repositories in which slots' attempts may open a pull request.</summary>
    public IReadOnlyCollection<NamespacedName> Reserved => _reserved.Keys;

    /// <summary>The pull requests of a repository that slots' attempts are to mend, by number: while one is open, its attempt opens no other.</summary>
    /// <param name="repository">The repository.</param>
    public IReadOnlyCollection<long> MendedIn(NamespacedName repository) => _mended.TryGetValue(repository, out var mended) ? mended : [];

    /// <summary>Takes a slot into use.</summary>
    /// <param name="slot">The slot.</param>
    /// <exception cref="InvalidOperationException">The task has one: two live attempts of one task must not be.</exception>
    public void Occupy(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (!_slots.TryAdd(slot.TaskUid, slot))
        {
            throw new InvalidOperationException($"Task {slot.Task} has a slot already.");
        }

        _byJob[slot.Job] = slot.TaskUid;
        Add(_perBlueprint, slot.Blueprint, 1);
        Add(_reserved, slot.OpensPullRequestIn, 1);
        if (slot is { OpensPullRequestIn: { } repository, MendsPullRequest: { } number })
        {
            (_mended.TryGetValue(repository, out var mended) ? mended : _mended[repository] = []).Add(number);
        }
    }

    /// <summary>Notes how a slot in use has come on.</summary>
    /// <param name="slot">The slot, of the same task, attempt and blueprint.</param>
    public void Update(Slot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        var known = _slots[slot.TaskUid];
        if (known.Attempt != slot.Attempt || known.Blueprint != slot.Blueprint || known.OpensPullRequestIn != slot.OpensPullRequestIn || known.MendsPullRequest != slot.MendsPullRequest)
        {
            throw new InvalidOperationException($"The slot of task {slot.Task} stands for another attempt.");
        }

        _slots[slot.TaskUid] = slot;
    }

    /// <summary>Gives a slot back.</summary>
    /// <param name="taskUid">The task's UID.</param>
    public void Release(string taskUid)
    {
        if (!_slots.Remove(taskUid, out var slot))
        {
            return;
        }

        _byJob.Remove(slot.Job);
        Add(_perBlueprint, slot.Blueprint, -1);
        Add(_reserved, slot.OpensPullRequestIn, -1);
        if (slot is { OpensPullRequestIn: { } repository, MendsPullRequest: { } number } && _mended[repository] is var mended && mended.Remove(number) && mended.Count == 0)
        {
            _mended.Remove(repository);
        }
    }

    private static void Add(Dictionary<NamespacedName, int> counts, NamespacedName? key, int change)
    {
        if (key is not { } counted)
        {
            return;
        }

        var count = counts.GetValueOrDefault(counted) + change;
        if (count == 0)
        {
            counts.Remove(counted);
        }
        else
        {
            counts[counted] = count;
        }
    }
}
