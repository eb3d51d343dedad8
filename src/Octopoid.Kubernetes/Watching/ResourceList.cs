namespace Octopoid.Kubernetes.Watching;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">The object's type.</typeparam>
public sealed record ResourceList<T>
{
    /// <summary>The list's version and where it goes on.</summary>
    public ResourceListMeta? Metadata { get; init; }

    /// <summary>The objects.</summary>
    public IReadOnlyList<T>? Items { get; init; }
}
