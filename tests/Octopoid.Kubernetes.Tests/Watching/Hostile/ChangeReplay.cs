using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>A handler that makes a store of its own out of the changes, and notes the first that does not follow from those before.</summary>
internal sealed class ChangeReplay
{
    private readonly Dictionary<ObjectKey, Thing> _objects = [];
    private readonly Lock _gate = new();

    public string? Violation { get; private set; }

    public Dictionary<ObjectKey, Thing> Objects
    {
        get
        {
            lock (_gate)
            {
                return new(_objects);
            }
        }
    }

    public void Apply(IReadOnlyList<ObjectChange<Thing>> changes)
    {
        lock (_gate)
        {
            foreach (var change in changes)
            {
                Apply(change);
            }
        }
    }

    private void Apply(ObjectChange<Thing> change)
    {
        var key = Thing.Identify((change.Current ?? change.Previous)!).Key;
        var known = _objects.GetValueOrDefault(key);
        if (!ReferenceEquals(known, change.Previous))
        {
            Violation ??= $"{key}: told of a change from {change.Previous} to {change.Current}, after {known}";
        }

        if (change.IsUpdated && change.Previous!.Metadata!.Uid != change.Current!.Metadata!.Uid)
        {
            Violation ??= $"{key}: another object was told of as an update of {change.Previous}";
        }

        if (change.Current is { } current)
        {
            _objects[key] = current;
        }
        else
        {
            _objects.Remove(key);
        }
    }
}
