using System.Collections.Concurrent;
using System.Globalization;

namespace Octopoid.Kubernetes.Watching;

/// <summary>The last known state of every object of one resource; turns lists and events into changes.</summary>
/// <remarks>One thread at a time writes; any may read.</remarks>
/// <typeparam name="T">The object's type.</typeparam>
public sealed class ObjectStore<T>
    where T : class
{
    private readonly Func<T, ObjectIdentity> _identify;
    private readonly ConcurrentDictionary<ObjectKey, T> _objects = new();
    private string? _version;

    /// <summary>Makes an empty store.</summary>
    /// <param name="identify">Reads an object's identity.</param>
    public ObjectStore(Func<T, ObjectIdentity> identify) => _identify = identify;

    /// <summary>The objects, in no order.</summary>
    public IEnumerable<T> Objects => _objects.Values;

    /// <summary>The object of a key, or null.</summary>
    /// <param name="key">Its namespace and name.</param>
    public T? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    /// <summary>Takes a whole list in place of what was known; what the list lacks was deleted while nobody watched.</summary>
    /// <remarks>What a write of our own has brought about since the list was made is kept: the watch from its version will speak of it. But
    /// where the list is older than what was watched before, the server was restored from a backup, and the list is the truth.</remarks>
    /// <param name="list">Every object that there is.</param>
    /// <param name="version">The version of the list.</param>
    /// <returns>The difference, deletions first, so that capacity held by the gone is not counted beside the new.</returns>
    public IReadOnlyList<ObjectChange<T>> Replace(IReadOnlyCollection<T> list, string version)
    {
        ArgumentNullException.ThrowIfNull(list);
        var isRestored = _version is { } watched && IsNewer(watched, version);
        var listed = list.Select(item => _identify(item).Key).ToHashSet();
        var changes = new List<ObjectChange<T>>();
        foreach (var (key, known) in _objects)
        {
            if (!listed.Contains(key) && (isRestored || !IsNewer(_identify(known).ResourceVersion, version)))
            {
                _objects.TryRemove(key, out _);
                changes.Add(new ObjectChange<T>(known, null));
            }
        }

        foreach (var item in list)
        {
            changes.AddRange(Set(item, (state, known) => state != known && (isRestored || !IsNewer(known, version))));
        }

        _version = version;
        return changes;
    }

    /// <summary>Notes how far the watch has come.</summary>
    /// <param name="version">The version of its latest event or bookmark.</param>
    /// <returns>No change.</returns>
    public IReadOnlyList<ObjectChange<T>> Advance(string version)
    {
        _version = version;
        return [];
    }

    /// <summary>Takes a new state of one object.</summary>
    /// <param name="current">The state.</param>
    /// <returns>No change when it is known already or older than what is known; a deletion and an addition when the name has a new UID.</returns>
    public IReadOnlyList<ObjectChange<T>> Put(T current) => Set(current, IsNewer);

    /// <summary>Takes the answer of a write of our own: a new object, or a newer state of a known one.</summary>
    /// <param name="written">The state.</param>
    /// <returns>No change when it is known already, or when the watch has passed it and so has shown it deleted since.</returns>
    public IReadOnlyList<ObjectChange<T>> Observe(T written)
    {
        var identity = _identify(written);
        var isKnown = _objects.TryGetValue(identity.Key, out var known) && _identify(known).Uid == identity.Uid;
        return isKnown || (_version is { } watched && IsNewer(identity.ResourceVersion, watched)) ? Set(written, IsNewer) : [];
    }

    /// <summary>Takes the deletion of one object.</summary>
    /// <param name="last">Its last state.</param>
    /// <returns>No change when it is not known, or another of its name is.</returns>
    public IReadOnlyList<ObjectChange<T>> Remove(T last)
    {
        var identity = _identify(last);
        if (!_objects.TryGetValue(identity.Key, out var known) || _identify(known).Uid != identity.Uid)
        {
            return [];
        }

        _objects.TryRemove(identity.Key, out _);
        return [new ObjectChange<T>(known, null)];
    }

    private IReadOnlyList<ObjectChange<T>> Set(T current, Func<string, string, bool> replaces)
    {
        var identity = _identify(current);
        if (!_objects.TryGetValue(identity.Key, out var known))
        {
            _objects[identity.Key] = current;
            return [new ObjectChange<T>(null, current)];
        }

        var last = _identify(known);
        if (!replaces(identity.ResourceVersion, last.ResourceVersion))
        {
            return [];
        }

        _objects[identity.Key] = current;
        return last.Uid == identity.Uid
            ? [new ObjectChange<T>(known, current)]
            : [new ObjectChange<T>(known, null), new ObjectChange<T>(null, current)];
    }

    /// <summary>Versions of one resource are ordered (KEP-5504 states what every release has done); what is no number is told apart only as equal or not.</summary>
    private static bool IsNewer(string version, string than) =>
        ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var a)
        && ulong.TryParse(than, NumberStyles.None, CultureInfo.InvariantCulture, out var b)
            ? a > b
            : version != than;
}
