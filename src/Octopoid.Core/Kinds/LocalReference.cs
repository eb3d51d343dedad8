namespace Octopoid.Core.Kinds;

/// <summary>A Secret or ConfigMap of the same namespace.</summary>
public sealed record LocalReference
{
    /// <summary>Its name.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Whether the pod may start without it; null: it may not.</summary>
    public bool? Optional { get; init; }
}
