using System.Text.Json.Serialization;
using Octopoid.Core.State.Reading;

namespace Octopoid.Core.State;

/// <summary>The metadata kept of a watched object. Annotations are not: kubectl stores whole prompts in one.</summary>
public sealed record ObservedMeta
{
    /// <summary>Name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Namespace; empty for a cluster-scoped object.</summary>
    [JsonConverter(typeof(SharedStringConverter))]
    public string Namespace { get; init => field = value ?? ""; } = "";

    /// <summary>UID.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>The version of this state.</summary>
    public string ResourceVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Counts the changes of the spec.</summary>
    public long? Generation { get; init; }

    /// <summary>When it was made, to the second.</summary>
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When its deletion was asked for; null unless it is going.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Where it is.</summary>
    public NamespacedName Key() => new(Namespace, Name);
}
