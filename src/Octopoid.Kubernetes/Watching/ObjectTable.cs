using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Octopoid.Kubernetes.Watching;

/// <summary>Objects by their keys. Any thread may use it; what is enumerated is a state that was.</summary>
/// <remarks>
/// A concurrent dictionary takes a node for each object, and keeps the key that an object was first stored under, and with it the strings
/// of a state long past. Here an object is its own key.
/// </remarks>
/// <typeparam name="T">The object's type.</typeparam>
internal sealed class ObjectTable<T> : IEnumerable<KeyValuePair<ObjectKey, T>>
    where T : class
{
    private readonly Func<T, ObjectIdentity> _identify;
    private readonly Lock _gate = new();
    private readonly HashSet<T> _objects;
    private readonly HashSet<T>.AlternateLookup<ObjectKey> _byKey;

    /// <summary>Makes an empty table.</summary>
    /// <param name="identify">Reads an object's identity.</param>
    public ObjectTable(Func<T, ObjectIdentity> identify)
    {
        _identify = identify;
        _objects = new HashSet<T>(new ByKey(identify));
        _byKey = _objects.GetAlternateLookup<ObjectKey>();
    }

    /// <summary>How many objects there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _objects.Count;
            }
        }
    }

    /// <summary>Puts an object in place of the one of its key, if there is one.</summary>
    /// <param name="key">The object's key.</param>
    public T this[ObjectKey key]
    {
        set
        {
            lock (_gate)
            {
                _byKey.Remove(key);
                _objects.Add(value);
            }
        }
    }

    /// <summary>The object of a key, or null.</summary>
    /// <param name="key">The key.</param>
    public T? GetValueOrDefault(ObjectKey key) => TryGetValue(key, out var found) ? found : null;

    /// <summary>Finds the object of a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="found">The object.</param>
    public bool TryGetValue(ObjectKey key, [MaybeNullWhen(false)] out T found)
    {
        lock (_gate)
        {
            return _byKey.TryGetValue(key, out found);
        }
    }

    /// <summary>Removes the object of a key.</summary>
    /// <param name="key">The key.</param>
    public bool Remove(ObjectKey key)
    {
        lock (_gate)
        {
            return _byKey.Remove(key);
        }
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<ObjectKey, T>> GetEnumerator()
    {
        T[] all;
        lock (_gate)
        {
            all = [.. _objects];
        }

        return all.Select(known => KeyValuePair.Create(_identify(known).Key, known)).GetEnumerator();
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class ByKey(Func<T, ObjectIdentity> identify) : IEqualityComparer<T>, IAlternateEqualityComparer<ObjectKey, T>
    {
        public bool Equals(T? x, T? y) => ReferenceEquals(x, y) || (x is not null && y is not null && Equals(identify(x).Key, y));

        public int GetHashCode(T obj) => GetHashCode(identify(obj).Key);

        public bool Equals(ObjectKey alternate, T other) => alternate == identify(other).Key;

        public int GetHashCode(ObjectKey alternate) => alternate.GetHashCode();

        public T Create(ObjectKey alternate) => throw new NotSupportedException("A key alone makes no object.");
    }
}
