using Octopoid.Kubernetes.Transport;

namespace Octopoid.Operator.Watch;

/// <summary>How the watch of one resource stands.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Namespace">The namespace; null for all, and for a cluster-scoped resource.</param>
/// <param name="IsSynced">True once its first whole list has come.</param>
/// <param name="Failure">Why it cannot be followed at present, a sentence; null when it can.</param>
/// <param name="Objects">How many objects are known.</param>
/// <param name="Silence">How long ago the API server last said anything of it: a list, an event, a bookmark; null before the first.</param>
internal sealed record WatchHealth(ResourcePath Resource, string? Namespace, bool IsSynced, string? Failure, int Objects, TimeSpan? Silence)
{
    /// <summary>True when it is synced, and followed.</summary>
    public bool IsWell => IsSynced && Failure is null;

    /// <summary>What is watched, for people.</summary>
    public string Name => Namespace is null ? $"{Resource}" : $"{Resource} of {Namespace}";

    /// <summary>The same for people, in one line.</summary>
    public override string ToString() => $"{Name}: "
        + (Failure ?? (IsSynced ? $"watched, {Objects} known" : "not listed yet, the list is on its way"));
}
