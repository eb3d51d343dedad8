namespace Octopoid.Kubernetes.Watching;

/// <summary>One change of the store, in the order in which the API server made them, as far as it was seen.</summary>
/// <typeparam name="T">The object's type.</typeparam>
/// <param name="Previous">The last known state; null when the object is new.</param>
/// <param name="Current">The state now; null when the object is gone.</param>
public readonly record struct ObjectChange<T>(T? Previous, T? Current)
    where T : class;
