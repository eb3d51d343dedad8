namespace Octopoid.Kubernetes.Watching;

/// <summary>The metadata of a list's page.</summary>
public sealed record ResourceListMeta
{
    /// <summary>The version that the list shows; a watch from it misses nothing.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>Where the next page begins; null or empty on the last.</summary>
    public string? Continue { get; init; }
}
