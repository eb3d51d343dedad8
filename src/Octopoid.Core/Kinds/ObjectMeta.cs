namespace Octopoid.Core.Kinds;

/// <summary>
/// The part of a Kubernetes object's metadata that this operator reads. Whatever else the API server sends (managed fields above
/// all, often the larger half of an object) is dropped while parsing.
/// </summary>
public sealed record ObjectMeta
{
    /// <summary>The object's name, unique among its kind in its namespace.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>What a name that the API server makes begins with; null where the name is given.</summary>
    public string? GenerateName { get; init; }

    /// <summary>The object's namespace; null for a cluster-scoped kind.</summary>
    public string? Namespace { get; init; }

    /// <summary>Tells apart two objects that had the same name one after the other; empty before the API server has assigned it.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>The version of this state of the object; empty before the API server has assigned it.</summary>
    public string ResourceVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Counts changes of the spec.</summary>
    public long? Generation { get; init; }

    /// <summary>When the object was created; whole seconds, so it alone orders nothing.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When deletion was asked for; null while nobody has.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Labels, by key.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Annotations, by key.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>The objects whose deletion removes this one.</summary>
    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }
}
