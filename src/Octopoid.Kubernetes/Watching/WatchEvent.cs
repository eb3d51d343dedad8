namespace Octopoid.Kubernetes.Watching;

/// <summary>One line of a watch.</summary>
/// <typeparam name="T">The object's type.</typeparam>
/// <param name="Kind">What the line says.</param>
/// <param name="ResourceVersion">The version that the watch has come to; null when the line does not say.</param>
/// <param name="Object">The object; null for a bookmark.</param>
internal readonly record struct WatchEvent<T>(WatchEventKind Kind, string? ResourceVersion, T? Object)
    where T : class;
