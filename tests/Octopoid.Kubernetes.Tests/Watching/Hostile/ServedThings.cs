using System.Collections.Immutable;
using System.Globalization;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>What the server has of one resource: the truth that the informer must come to.</summary>
/// <remarks>
/// The last digits of a version tell the epoch, which a restore from a backup ends. A real server cannot tell a version of before the
/// restore from a later one of the same number; with this one, the tests ask only for what can be known.
/// </remarks>
internal sealed class ServedThings
{
    private const int Epochs = 16;

    private readonly Lock _gate = new();
    private readonly List<ServedEvent> _history = [];
    private readonly Dictionary<long, ImmutableSortedDictionary<string, ServedObject>> _snapshots = [];
    private readonly Dictionary<ObjectKey, int> _touches = [];
    private ImmutableSortedDictionary<string, ServedObject> _objects = ImmutableSortedDictionary.Create<string, ServedObject>(StringComparer.Ordinal);
    private (ImmutableSortedDictionary<string, ServedObject> Objects, long Serial) _backup;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _serial = 100;
    private long _epoch;
    private long _compacted;
    private int _uids;

    public ServedThings() => _backup = (_objects, _serial);

    private long Version => (_serial * Epochs) + _epoch;

    /// <summary>All objects at this moment, and how often each key was touched up to it.</summary>
    public (long Epoch, Dictionary<ObjectKey, ServedObject> Objects, Dictionary<ObjectKey, int> Touches) Now()
    {
        lock (_gate)
        {
            return (_epoch, _objects.Values.ToDictionary(o => o.Key), new Dictionary<ObjectKey, int>(_touches));
        }
    }

    /// <summary>Creates the object of a key, or changes the one that is there.</summary>
    public ServedObject Put(ObjectKey key, string owner, bool isReadable = true)
    {
        lock (_gate)
        {
            var known = _objects.GetValueOrDefault(key.ToString());
            _serial++;
            var current = new ServedObject(key, known?.Uid ?? $"u{++_uids}", Version, owner, isReadable);
            _objects = _objects.SetItem(key.ToString(), current);
            Append(new ServedEvent(known is null ? "ADDED" : "MODIFIED", current));
            return current;
        }
    }

    /// <summary>Deletes the object of a key.</summary>
    public ServedObject? Delete(ObjectKey key)
    {
        lock (_gate)
        {
            if (!_objects.TryGetValue(key.ToString(), out var known))
            {
                return null;
            }

            _serial++;
            _objects = _objects.Remove(key.ToString());
            var gone = new ServedObject(key, known.Uid, Version, known.Owner, known.IsReadable);
            Append(new ServedEvent("DELETED", gone));
            return gone;
        }
    }

    /// <summary>Something else was written: the version rises and nobody is told, but by a bookmark.</summary>
    public void WriteElsewhere(int times)
    {
        lock (_gate)
        {
            _serial += times;
        }
    }

    /// <summary>Makes every object readable again.</summary>
    public void Mend()
    {
        foreach (var spoiled in Now().Objects.Values.Where(o => !o.IsReadable))
        {
            Put(spoiled.Key, spoiled.Owner);
        }
    }

    /// <summary>Forgets versions: all but the newest events.</summary>
    public void Compact(int keep)
    {
        lock (_gate)
        {
            if (_history.Count > keep)
            {
                _compacted = keep == 0 ? Version : _history[^(keep + 1)].Object.Version;
                _history.RemoveRange(0, _history.Count - keep);
            }

            foreach (var version in _snapshots.Keys.Where(version => version < _compacted).ToList())
            {
                _snapshots.Remove(version);
            }
        }
    }

    public void BackUp()
    {
        lock (_gate)
        {
            _backup = (_objects, _serial);
        }
    }

    /// <summary>Goes back to the backup.</summary>
    /// <param name="isBumped">True as etcd is told to do it: versions go on from above all that were, though objects keep their old ones.</param>
    public void Restore(bool isBumped)
    {
        lock (_gate)
        {
            _objects = _backup.Objects;
            _serial = isBumped ? _serial + 1000 : _backup.Serial;
            _epoch++;
            _history.Clear();
            _snapshots.Clear();
            _compacted = Version;
            Wake();
        }
    }

    /// <summary>The events after a version, up to which version that is all, and what completes when there may be more.</summary>
    /// <returns>No events, but null, when the version is no longer kept.</returns>
    public (IReadOnlyList<ServedEvent>? Events, long UpTo, Task Changed) Since(long version)
    {
        lock (_gate)
        {
            var isKept = version % Epochs == _epoch && version >= _compacted;
            return (isKept ? [.. _history.Where(e => e.Object.Version > version)] : null, Version, _changed.Task);
        }
    }

    /// <summary>Any event or state that is older than a version, to be said again by a server that has gone back.</summary>
    public ServedEvent? Before(long version)
    {
        lock (_gate)
        {
            return _history.FindLast(e => e.Object.Version < version)
                ?? _objects.Values.Where(o => o.Version < version).Select(o => new ServedEvent("MODIFIED", o)).FirstOrDefault();
        }
    }

    /// <summary>One page of a list, as JSON; null when what it continues is no longer kept.</summary>
    /// <param name="size">How many objects at most; 0 for all.</param>
    /// <param name="token">Where to go on; null for a new list.</param>
    public string? Page(int size, string? token)
    {
        lock (_gate)
        {
            var (version, after, objects) = (Version, "", _objects);
            if (token is not null)
            {
                var parts = token.Split('|');
                (version, after) = (long.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]);
                if (!_snapshots.TryGetValue(version, out objects!))
                {
                    return null;
                }
            }

            var rest = objects.Where(entry => string.CompareOrdinal(entry.Key, after) > 0).ToList();
            var page = size == 0 ? rest : rest.Take(size).ToList();
            var next = "";
            if (page.Count < rest.Count)
            {
                _snapshots[version] = objects;
                next = $"{version}|{page[^1].Key}";
            }

            return $$$"""{"kind":"ThingList","metadata":{"resourceVersion":"{{{version}}}","continue":"{{{next}}}"},"items":["""
                + string.Join(',', page.Select(entry => entry.Value.Json)) + "]}";
        }
    }

    /// <summary>Has the open watches look again.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void Append(ServedEvent happened)
    {
        _history.Add(happened);
        _touches[happened.Object.Key] = _touches.GetValueOrDefault(happened.Object.Key) + 1;
        Wake();
    }
}
