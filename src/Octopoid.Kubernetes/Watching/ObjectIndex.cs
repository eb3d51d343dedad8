using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Octopoid.Kubernetes.Watching;

/// <summary>Finds the objects of a store by a value of theirs, such as the UID of their owner. Any thread may read.</summary>
/// <typeparam name="T">The object's type.</typeparam>
public sealed class ObjectIndex<T>
    where T : class
{
    private readonly Func<T, string?> _value;
    private readonly Func<T, ObjectKey> _key;
    private readonly ConcurrentDictionary<string, ImmutableDictionary<ObjectKey, T>> _found = new();

    internal ObjectIndex(Func<T, string?> value, Func<T, ObjectKey> key) => (_value, _key) = (value, key);

    /// <summary>The objects of a value, in no order; empty when there are none.</summary>
    /// <param name="value">The value.</param>
    public IReadOnlyCollection<T> Find(string value) =>
        _found.TryGetValue(value, out var found) ? [.. found.Values] : [];

    internal void Apply(ObjectChange<T> change)
    {
        if (change.Previous is { } previous && _value(previous) is { } before && _found.TryGetValue(before, out var known))
        {
            known = known.Remove(_key(previous));
            if (known.IsEmpty)
            {
                _found.TryRemove(before, out _);
            }
            else
            {
                _found[before] = known;
            }
        }

        if (change.Current is { } current && _value(current) is { } after)
        {
            _found[after] = _found.GetValueOrDefault(after, ImmutableDictionary<ObjectKey, T>.Empty).SetItem(_key(current), current);
        }
    }
}
