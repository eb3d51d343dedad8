using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>The slots that one cycle has given back, for which tasks had to wait until then.</summary>
/// <param name="state">All that is known, before the first of them is given back.</param>
internal sealed class FreedSlots(ClusterState state)
{
    private readonly bool _wasClusterFull = state.Ledger.Count >= state.Orchestrator?.Spec.MaxConcurrent;
    private readonly HashSet<NamespacedName> _wereFull = [];
    private readonly List<NamespacedName> _freed = [];

    /// <summary>Notes a slot that is about to be given back.</summary>
    /// <param name="slot">The slot.</param>
    public void Add(Slot slot)
    {
        if (state.Ledger.CountOf(slot.Blueprint) >= state.FindBlueprint(slot.Blueprint)?.Spec.MaxInstances)
        {
            _wereFull.Add(slot.Blueprint);
        }

        _freed.Add(slot.Blueprint);
    }

    /// <summary>True when a claim could not have been made without one of them, which counts for no other claim then.</summary>
    /// <param name="claimed">The claim's slot.</param>
    public bool Take(Slot claimed)
    {
        if (_wereFull.Contains(claimed.Blueprint))
        {
            return _freed.Remove(claimed.Blueprint);
        }

        if (!_wasClusterFull || _freed.Count == 0)
        {
            return false;
        }

        _freed.RemoveAt(_freed.Count - 1);
        return true;
    }
}
