namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>What a server does to a request, or to a line of a watch, on a bad day.</summary>
internal enum Fault
{
    None,

    /// <summary>The answer is made when the request comes, and sent much later.</summary>
    Late,

    /// <summary>A failure, with or without the wish to be asked later.</summary>
    Refusal,

    /// <summary>410, though nothing was forgotten.</summary>
    Expiry,

    /// <summary>The connection is reset.</summary>
    Reset,

    /// <summary>The request is taken and never answered.</summary>
    BlackHole,

    /// <summary>The body stops in the middle, and the connection stays.</summary>
    Stall,

    /// <summary>A page of a proxy.</summary>
    NoJson,

    /// <summary>The body is cut in the middle, and the connection is reset.</summary>
    CutAndReset,

    /// <summary>The body is cut in the middle, and ends as if it were whole.</summary>
    CutAndEnd,

    /// <summary>The stream ends politely.</summary>
    End,

    /// <summary>Only bookmarks come for some time, and none says more than was known.</summary>
    BookmarksOnly,

    /// <summary>The line comes twice.</summary>
    Duplicate,

    /// <summary>An older event comes again.</summary>
    Replay,

    /// <summary>A line of a kind that nobody knows.</summary>
    News,
}
