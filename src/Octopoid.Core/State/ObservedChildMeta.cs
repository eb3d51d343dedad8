using System.Globalization;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>The metadata kept of a Job or a pod of ours: what tells which attempt of which task it serves.</summary>
public sealed record ObservedChildMeta
{
    /// <summary>Name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Namespace.</summary>
    public string Namespace { get; init => field = value ?? ""; } = "";

    /// <summary>UID.</summary>
    public string Uid { get; init => field = value ?? ""; } = "";

    /// <summary>The version of this state.</summary>
    public string ResourceVersion { get; init => field = value ?? ""; } = "";

    /// <summary>When its deletion was asked for; null unless it is going.</summary>
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>Labels. Users can edit them, so they find a child, and its owner's UID confirms it.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Owners.</summary>
    public IReadOnlyList<OwnerReference>? OwnerReferences { get; init; }

    /// <summary>The UID of the task that it serves; null when it is no child of a task.</summary>
    public string? TaskUid() => Labels?.GetValueOrDefault(Kinds.Labels.TaskUid);

    /// <summary>True when an object controls it.</summary>
    /// <param name="uid">The object's UID.</param>
    public bool IsOwnedBy(string uid) => OwnerReferences?.Any(owner => owner.Controller == true && owner.Uid == uid) == true;

    /// <summary>True when a Job of a name controls it.</summary>
    /// <param name="job">The Job's name.</param>
    public bool IsControlledByJob(string job) =>
        OwnerReferences?.Any(owner => owner is { Controller: true, Kind: "Job" } && owner.Name == job) == true;

    /// <summary>The attempt that it serves; null when it is no child of a task.</summary>
    public int? Attempt() =>
        int.TryParse(Labels?.GetValueOrDefault(Kinds.Labels.Attempt), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt)
            ? attempt
            : null;
}
