using System.Diagnostics.CodeAnalysis;

namespace Octopoid.Kubernetes.Events;

/// <summary>A map of bounded size, which forgets first what was used least recently. For one thread at a time.</summary>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TValue">What is kept.</typeparam>
/// <param name="capacity">How many it holds at most.</param>
internal sealed class RecentlyUsed<TKey, TValue>(int capacity)
    where TKey : notnull
    where TValue : class
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _nodes = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _order = [];

    public int Count => _nodes.Count;

    /// <summary>Finds a value; it then is the one most recently used.</summary>
    public bool TryUse(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        value = null;
        if (!_nodes.TryGetValue(key, out var node))
        {
            return false;
        }

        _order.Remove(node);
        _order.AddLast(node);
        value = node.Value.Value;
        return true;
    }

    /// <summary>Adds a value, or puts it in the place of the key's former one.</summary>
    /// <returns>What is forgotten for it; null when there was room.</returns>
    public TValue? Add(TKey key, TValue value)
    {
        Remove(key);
        _nodes[key] = _order.AddLast((key, value));
        return _nodes.Count > capacity ? RemoveOldest() : null;
    }

    public void Remove(TKey key)
    {
        if (_nodes.Remove(key, out var node))
        {
            _order.Remove(node);
        }
    }

    /// <summary>Forgets those used least recently, as long as they may be forgotten.</summary>
    public void RemoveWhile(Predicate<TValue> mayForget)
    {
        while (_order.First is { } oldest && mayForget(oldest.Value.Value))
        {
            RemoveOldest();
        }
    }

    private TValue RemoveOldest()
    {
        var (key, value) = _order.First!.Value;
        Remove(key);
        return value;
    }
}
