using System.Text.Json.Serialization;
using Octopoid.Core.State.Reading;

namespace Octopoid.Core.State;

/// <summary>The metadata kept of a Job or a pod of ours: what tells which attempt of which task it serves.</summary>
/// <remarks>There are as many as Jobs and pods, so labels and owners are kept as the few values that are used, not as they are sent.</remarks>
[JsonConverter(typeof(ObservedChildMetaConverter))]
public sealed record ObservedChildMeta
{
    // Not a nullable: with the flag beside it, that would take eight bytes more of every child.
    private readonly int _attempt = -1;

    /// <summary>Name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Namespace.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>UID.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The version of this state.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>True when its deletion was asked for.</summary>
    public bool IsBeingDeleted { get; init; }

    /// <summary>The UID of the task that it serves, by its label; null when it is no child of a task. Users can edit labels, so they find a
    /// child, and its controller's UID confirms it.</summary>
    public string? TaskUid { get; init; }

    /// <summary>The attempt that it serves, by its label; null when it is no child of a task.</summary>
    public int? Attempt
    {
        get => _attempt < 0 ? null : _attempt;
        init => _attempt = value ?? -1;
    }

    /// <summary>True when it bears the label that is watched by; without it, no watch will tell of it.</summary>
    public bool IsManaged { get; init; }

    /// <summary>The value of its blueprint label; null when it has none.</summary>
    public string? Blueprint { get; init; }

    /// <summary>The value of its repository label; null when it has none.</summary>
    public string? Repository { get; init; }

    /// <summary>The UID of the object that controls it; null when none does.</summary>
    public string? ControllerUid { get; init; }

    /// <summary>The name of the Job that controls it; null when none does.</summary>
    public string? ControllerJob { get; init; }

    /// <summary>True when an object controls it.</summary>
    /// <param name="uid">The object's UID.</param>
    public bool IsOwnedBy(string uid) => ControllerUid == uid;
}
