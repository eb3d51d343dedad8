using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests.Watching;

/// <summary>What a handler that was told of every change from the first knows, and each change that contradicts those before it.</summary>
internal sealed class ReplayedChanges
{
    private readonly Dictionary<string, Thing> _known = [];
    private readonly HashSet<string> _gone = [];

    /// <summary>What is there by the changes.</summary>
    public IEnumerable<Thing> Objects => _known.Values;

    /// <summary>The changes that cannot be.</summary>
    public List<string> Contradictions { get; } = [];

    public int Count { get; private set; }

    /// <summary>Takes what a handler is told.</summary>
    public void Take(IReadOnlyList<ObjectChange<Thing>> changes)
    {
        foreach (var change in changes)
        {
            Count++;
            var name = (change.Previous ?? change.Current)!.Metadata!.Name!;
            if (!ReferenceEquals(change.Previous, _known.GetValueOrDefault(name)))
            {
                Contradictions.Add($"{name} was {_known.GetValueOrDefault(name)}, not {change.Previous}");
            }

            Take(name, change);
        }
    }

    private void Take(string name, ObjectChange<Thing> change)
    {
        if (change.Current is not { Metadata: { } current } thing)
        {
            _known.Remove(name);
            _gone.Add(change.Previous!.Metadata!.Uid!);
            return;
        }

        if (_gone.Contains(current.Uid!))
        {
            Contradictions.Add($"{thing} was gone");
        }

        if (change.Previous?.Metadata is { } previous && (previous.Uid != current.Uid || Number(previous) >= Number(current)))
        {
            Contradictions.Add($"{thing} does not follow {change.Previous}");
        }

        _known[name] = thing;
    }

    private static ulong Number(Thing.Meta metadata) => ulong.Parse(metadata.ResourceVersion!, System.Globalization.CultureInfo.InvariantCulture);
}
