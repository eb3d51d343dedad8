namespace Octopoid.Core.State;

/// <summary>The tasks that could start at once if capacity allowed, in order.</summary>
public sealed class TaskQueues
{
    private static readonly SortedSet<WaitingTask> Nothing = [];

    private readonly Dictionary<QueueKey, SortedSet<WaitingTask>> _queues = [];
    private readonly Dictionary<(string Namespace, string Role), HashSet<QueueKey>> _ofRole = [];
    private readonly Dictionary<string, (QueueKey Queue, WaitingTask Entry)> _places = [];

    /// <summary>How many tasks wait.</summary>
    public int Count => _places.Count;

    /// <summary>The queues of a role, those with tasks in them.</summary>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="role">The role.</param>
    public IReadOnlyCollection<QueueKey> OfRole(string namespaceName, string role) =>
        _ofRole.TryGetValue((namespaceName, role), out var keys) ? keys : [];

    /// <summary>Every queue with tasks in it.</summary>
    public IReadOnlyCollection<QueueKey> All => _queues.Keys;

    /// <summary>How many tasks a queue has.</summary>
    /// <param name="queue">The queue.</param>
    public int CountOf(QueueKey queue) => _queues.GetValueOrDefault(queue, Nothing).Count;

    /// <summary>How many tasks wait for a role.</summary>
    /// <param name="namespaceName">The namespace.</param>
    /// <param name="role">The role.</param>
    public int CountOf(string namespaceName, string role) => OfRole(namespaceName, role).Sum(key => _queues[key].Count);

    /// <summary>The tasks of a queue, first to start first.</summary>
    /// <param name="queue">The queue.</param>
    public IEnumerable<WaitingTask> In(QueueKey queue) => _queues.GetValueOrDefault(queue, Nothing);

    /// <summary>Puts a task in its place, taking it out of the one it had.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="entry">The task.</param>
    public void Put(QueueKey queue, WaitingTask entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (_places.TryGetValue(entry.Uid, out var place) && place == (queue, entry))
        {
            return;
        }

        Remove(entry.Uid);
        _places[entry.Uid] = (queue, entry);
        if (!_queues.TryGetValue(queue, out var tasks))
        {
            _queues[queue] = tasks = new SortedSet<WaitingTask>(WaitingTask.Order);
            var role = (queue.Namespace, queue.Role);
            if (!_ofRole.TryGetValue(role, out var keys))
            {
                _ofRole[role] = keys = [];
            }

            keys.Add(queue);
        }

        tasks.Add(entry);
    }

    /// <summary>Takes a task out, if it is in.</summary>
    /// <param name="uid">Its UID.</param>
    public void Remove(string uid)
    {
        if (!_places.Remove(uid, out var place))
        {
            return;
        }

        var tasks = _queues[place.Queue];
        tasks.Remove(place.Entry);
        if (tasks.Count > 0)
        {
            return;
        }

        _queues.Remove(place.Queue);
        var role = (place.Queue.Namespace, place.Queue.Role);
        var keys = _ofRole[role];
        keys.Remove(place.Queue);
        if (keys.Count == 0)
        {
            _ofRole.Remove(role);
        }
    }
}
