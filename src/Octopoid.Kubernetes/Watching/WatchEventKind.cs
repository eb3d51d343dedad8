namespace Octopoid.Kubernetes.Watching;

/// <summary>What a watch's line says of its object.</summary>
internal enum WatchEventKind
{
    /// <summary>A kind that we do not know; passed over.</summary>
    Unknown,

    /// <summary>The object is new, or changed; told apart by the store, not by the server.</summary>
    Put,

    /// <summary>The object is gone.</summary>
    Deleted,

    /// <summary>Nothing happened up to this version.</summary>
    Bookmark,

    /// <summary>The object is not of the form expected; the next line may be.</summary>
    Unreadable,
}
