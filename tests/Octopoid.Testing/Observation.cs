namespace Octopoid.Testing;

/// <summary>One version of one object, reduced to what tells how many attempts live and how many may.</summary>
/// <param name="Version">Its resourceVersion, which orders the writes of all kinds: they share an etcd.</param>
public abstract record Observation(long Version)
{
    /// <summary>A Job of a task, or one that was: labels can be taken off.</summary>
    /// <param name="Version">Its version.</param>
    /// <param name="Uid">Its UID.</param>
    /// <param name="Name">Its name.</param>
    /// <param name="TaskUid">The task that controls it.</param>
    /// <param name="Attempt">The attempt, by its label; empty without.</param>
    /// <param name="Blueprint">Namespace and blueprint, by its label; empty without.</param>
    /// <param name="IsLive">True while it is there and has not ended.</param>
    public sealed record Job(long Version, string Uid, string Name, string TaskUid, string Attempt, string Blueprint, bool IsLive)
        : Observation(Version);

    /// <summary>A pod of a Job.</summary>
    /// <param name="Version">Its version.</param>
    /// <param name="Uid">Its UID.</param>
    /// <param name="JobUid">The Job that controls it.</param>
    /// <param name="IsLive">True while it is there and has not ended.</param>
    public sealed record Pod(long Version, string Uid, string JobUid, bool IsLive) : Observation(Version);

    /// <summary>A limit.</summary>
    /// <param name="Version">Its version.</param>
    /// <param name="Scope">Namespace and blueprint, as of a Job; empty for the cluster's.</param>
    /// <param name="Generation">Of the spec.</param>
    /// <param name="Acknowledged">The generation that the operator says it goes by.</param>
    /// <param name="Maximum">How many may live.</param>
    public sealed record Limit(long Version, string Scope, long Generation, long Acknowledged, int Maximum) : Observation(Version);
}
