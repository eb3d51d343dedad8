namespace Octopoid.Kubernetes.Watching;

/// <summary>Takes what a reflector reads.</summary>
/// <typeparam name="T">The object's type.</typeparam>
internal interface IReflectorSink<T>
    where T : class
{
    /// <summary>The newest version taken so far, of a list, a line or the answer of a write; null before any.</summary>
    string? Newest { get; }

    /// <summary>Takes a whole list in place of all that was read before.</summary>
    /// <param name="objects">Every object that there is.</param>
    /// <param name="version">The version of the list.</param>
    /// <param name="known">What <see cref="Newest"/> was when the list was asked for.</param>
    void Replace(IReadOnlyCollection<T> objects, string version, string? known);

    /// <summary>Takes one line of a watch.</summary>
    /// <param name="line">The line.</param>
    void Apply(WatchEvent<T> line);
}
