namespace Octopoid.Kubernetes.Events;

/// <summary>Whether an Event tells of what should happen or of what should not.</summary>
public enum EventType
{
    /// <summary>It is as it should be.</summary>
    Normal,

    /// <summary>Somebody may have to look.</summary>
    Warning,
}
