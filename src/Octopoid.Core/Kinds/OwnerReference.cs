namespace Octopoid.Core.Kinds;

/// <summary>A reference from an object to one that owns it, in the same namespace or cluster-scoped.</summary>
public sealed record OwnerReference
{
    /// <summary>Group and version of the owner.</summary>
    public string ApiVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Kind of the owner.</summary>
    public string Kind { get; init => field = value ?? ""; } = "";

    /// <summary>Name of the owner.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>UID of the owner: a later object of the same name is not it.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>Whether this owner manages the object; at most one does.</summary>
    public bool? Controller { get; init; }

    /// <summary>Whether the owner's deletion in the foreground waits for this object.</summary>
    public bool? BlockOwnerDeletion { get; init; }
}
