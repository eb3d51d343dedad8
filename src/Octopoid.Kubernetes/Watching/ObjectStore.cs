namespace Octopoid.Kubernetes.Watching;

/// <summary>The last known state of every object of one resource; turns lists and events into changes.</summary>
/// <remarks>One thread at a time writes; any may read.</remarks>
/// <typeparam name="T">The object's type.</typeparam>
internal sealed class ObjectStore<T> : ILister<T>
    where T : class
{
    private readonly Func<T, ObjectIdentity> _identify;
    private readonly ObjectTable<T> _objects;
    private readonly List<ObjectIndex<T>> _indexes = [];
    private string? _version;

    /// <summary>Makes an empty store.</summary>
    /// <param name="identify">Reads an object's identity.</param>
    public ObjectStore(Func<T, ObjectIdentity> identify) => (_identify, _objects) = (identify, new ObjectTable<T>(identify));

    /// <inheritdoc/>
    public IEnumerable<T> Objects => _objects.Select(entry => entry.Value);

    /// <inheritdoc/>
    public int Count => _objects.Count;

    /// <summary>The newest version that was taken, of a list, an event or the answer of a write; null before any.</summary>
    public string? Newest { get; private set; }

    /// <inheritdoc/>
    public T? Find(ObjectKey key) => _objects.GetValueOrDefault(key);

    /// <summary>Adds an index over what is here and what will come.</summary>
    /// <param name="value">The value that objects are found by; null leaves one out.</param>
    public ObjectIndex<T> AddIndex(Func<T, string?> value)
    {
        var index = new ObjectIndex<T>(value, known => _identify(known).Key);
        foreach (var known in Objects)
        {
            index.Apply(new ObjectChange<T>(null, known));
        }

        _indexes.Add(index);
        return index;
    }

    /// <summary>Takes a whole list in place of what was known; what the list lacks was deleted while nobody watched.</summary>
    /// <remarks>What a write of our own has brought about since the list was made is kept: the watch from its version will speak of it. But
    /// where the list is older than what was known before it was asked for, the server was restored from a backup, and the list is the truth.</remarks>
    /// <param name="list">Every object that there is.</param>
    /// <param name="version">The version of the list.</param>
    /// <param name="known">What <see cref="Newest"/> was when the list was asked for; null before any list.</param>
    /// <returns>The difference, deletions first, so that capacity held by the gone is not counted beside the new.</returns>
    public IReadOnlyList<ObjectChange<T>> Replace(IReadOnlyCollection<T> list, string version, string? known)
    {
        ArgumentNullException.ThrowIfNull(list);
        var isRestored = known is not null && ResourceVersions.IsNewer(known, version);
        var listed = list.Select(item => _identify(item).Key).ToHashSet();
        var changes = new List<ObjectChange<T>>();
        foreach (var (key, last) in _objects)
        {
            if (!listed.Contains(key) && (isRestored || !ResourceVersions.IsNewer(_identify(last).ResourceVersion, version)))
            {
                _objects.Remove(key);
                changes.AddRange(Changed(new ObjectChange<T>(last, null)));
            }
        }

        foreach (var item in list)
        {
            changes.AddRange(Set(item, (state, last) => state != last && (isRestored || !ResourceVersions.IsNewer(last, version))));
        }

        Newest = isRestored ? null : Newest;
        Advance(version);
        return changes;
    }

    /// <summary>Notes how far the watch has come.</summary>
    /// <param name="version">The version of its latest event or bookmark.</param>
    /// <returns>No change.</returns>
    public IReadOnlyList<ObjectChange<T>> Advance(string version)
    {
        _version = version;
        Note(version);
        return [];
    }

    /// <summary>Takes a new state of one object.</summary>
    /// <param name="current">The state.</param>
    /// <returns>No change when it is known already or older than what is known; a deletion and an addition when the name has a new UID.</returns>
    public IReadOnlyList<ObjectChange<T>> Put(T current) => Set(current, ResourceVersions.IsNewer);

    /// <summary>Takes the answer of a write of our own: a new object, or a newer state of a known one.</summary>
    /// <param name="written">The state.</param>
    /// <returns>No change when it is known already, or when the watch has passed it and so has shown it deleted since.</returns>
    public IReadOnlyList<ObjectChange<T>> Observe(T written)
    {
        var identity = _identify(written);
        var isKnown = _objects.TryGetValue(identity.Key, out var known) && _identify(known).Uid == identity.Uid;
        return isKnown || (_version is { } watched && ResourceVersions.IsNewer(identity.ResourceVersion, watched))
            ? Set(written, ResourceVersions.IsNewer)
            : [];
    }

    /// <summary>Takes the deletion of one object.</summary>
    /// <param name="last">Its last state.</param>
    /// <returns>No change when it is not known, or another of its name is.</returns>
    public IReadOnlyList<ObjectChange<T>> Remove(T last) => Remove(_identify(last));

    /// <inheritdoc cref="Remove(T)"/>
    public IReadOnlyList<ObjectChange<T>> Remove(ObjectIdentity identity)
    {
        if (!_objects.TryGetValue(identity.Key, out var known) || _identify(known).Uid != identity.Uid)
        {
            return [];
        }

        _objects.Remove(identity.Key);
        return Changed(new ObjectChange<T>(known, null));
    }

    private ObjectChange<T>[] Set(T current, Func<string, string, bool> replaces)
    {
        var identity = _identify(current);
        if (!_objects.TryGetValue(identity.Key, out var known))
        {
            Note(identity.ResourceVersion);
            _objects[identity.Key] = current;
            return Changed(new ObjectChange<T>(null, current));
        }

        var last = _identify(known);
        if (!replaces(identity.ResourceVersion, last.ResourceVersion))
        {
            return [];
        }

        Note(identity.ResourceVersion);
        _objects[identity.Key] = current;
        return last.Uid == identity.Uid
            ? Changed(new ObjectChange<T>(known, current))
            : Changed(new ObjectChange<T>(known, null), new ObjectChange<T>(null, current));
    }

    private void Note(string version)
    {
        if (Newest is null || ResourceVersions.IsNewer(version, Newest))
        {
            Newest = version;
        }
    }

    private ObjectChange<T>[] Changed(params ObjectChange<T>[] changes)
    {
        foreach (var index in _indexes)
        {
            Array.ForEach(changes, index.Apply);
        }

        return changes;
    }
}
