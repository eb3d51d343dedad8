using System.Runtime.InteropServices;

namespace Octopoid.Core.State;

/// <summary>How many tasks wait for something that no free slot brings, by namespace and reason. Kept as tasks change, so that nobody has to count.</summary>
internal sealed class HeldTasks
{
    private readonly Dictionary<string, (string Namespace, string Reason)> _held = [];
    private readonly Dictionary<(string Namespace, string Reason), int> _counts = [];

    /// <summary>The counts; none is 0.</summary>
    public IReadOnlyDictionary<(string Namespace, string Reason), int> Counts => _counts;

    /// <summary>Notes that a task waits.</summary>
    /// <param name="uid">Its UID.</param>
    /// <param name="namespaceName">Its namespace.</param>
    /// <param name="reason">What for.</param>
    public void Put(string uid, string namespaceName, string reason)
    {
        Remove(uid);
        _held[uid] = (namespaceName, reason);
        CollectionsMarshal.GetValueRefOrAddDefault(_counts, (namespaceName, reason), out _)++;
    }

    /// <summary>Notes that a task waits no more, or for a free slot alone.</summary>
    /// <param name="uid">Its UID.</param>
    public void Remove(string uid)
    {
        if (_held.Remove(uid, out var held) && --CollectionsMarshal.GetValueRefOrNullRef(_counts, held) == 0)
        {
            _counts.Remove(held);
        }
    }
}
