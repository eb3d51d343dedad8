namespace Octopoid.Kubernetes.Watching;

/// <summary>One change of the store, in the order in which the API server made them, as far as it was seen.</summary>
/// <typeparam name="T">The object's type.</typeparam>
/// <param name="Previous">The last known state; null when the object was added.</param>
/// <param name="Current">The state now; null when the object was deleted.</param>
public readonly record struct ObjectChange<T>(T? Previous, T? Current)
    where T : class
{
    /// <summary>True when the object was not known before.</summary>
    public bool IsAdded => Previous is null;

    /// <summary>True when the object was known and is still there.</summary>
    public bool IsUpdated => Previous is not null && Current is not null;

    /// <summary>True when the object is gone; <see cref="Previous"/> is its last known state.</summary>
    public bool IsDeleted => Current is null;
}
