namespace Octopoid.Kubernetes.Watching;

/// <summary>One line of a watch.</summary>
/// <typeparam name="T">The object's type.</typeparam>
/// <param name="Kind">What the line says.</param>
/// <param name="ResourceVersion">The version that the watch has come to; null when the line does not say.</param>
/// <param name="Object">The object; null for a bookmark, and for what cannot be read.</param>
internal readonly record struct WatchEvent<T>(WatchEventKind Kind, string? ResourceVersion, T? Object)
    where T : class
{
    /// <summary>Which object is gone, where the rest of it cannot be read.</summary>
    public ObjectIdentity? Gone { get; init; }
}
