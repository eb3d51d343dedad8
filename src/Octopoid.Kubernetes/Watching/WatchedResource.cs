using System.Text.Json.Serialization.Metadata;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Watching;

/// <summary>What to watch, and how to read it.</summary>
/// <typeparam name="T">The record that each object is read into; fields that it lacks are dropped on the way in.</typeparam>
/// <param name="Path">Where the resource is served.</param>
/// <param name="Json">How to read an object.</param>
/// <param name="ListJson">How to read a list.</param>
/// <param name="Identify">Reads an object's identity.</param>
public sealed record WatchedResource<T>(
    ResourcePath Path, JsonTypeInfo<T> Json, JsonTypeInfo<ResourceList<T>> ListJson, Func<T, ObjectIdentity> Identify)
    where T : class
{
    /// <summary>The namespace watched; null for all, and for a cluster-scoped resource.</summary>
    public string? Namespace { get; init; }

    /// <summary>The resource and, where there is one, the namespace, for people.</summary>
    public string Name => Namespace is null ? $"{Path}" : $"{Path} of {Namespace}";

    /// <summary>Which objects, by label; null for all.</summary>
    public string? LabelSelector { get; init; }
}
