using System.Text.Json.Serialization;

namespace Octopoid.Kubernetes.Watching;

/// <summary>What can be read of any object, of whatever form it is else.</summary>
/// <param name="Metadata">Its metadata.</param>
internal sealed record PartialObject(PartialObject.Meta? Metadata)
{
    /// <summary>The object's identity; null where it is not said.</summary>
    public ObjectIdentity? Identity => Metadata is { Name: { } name, Uid: { } uid, ResourceVersion: { } version }
        ? new ObjectIdentity(Metadata.Namespace ?? "", name, uid, version)
        : null;

    /// <summary>The part of its metadata that tells which object it is.</summary>
    internal sealed record Meta(string? Namespace, string? Name, string? Uid, string? ResourceVersion);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 1024)]
[JsonSerializable(typeof(PartialObject))]
internal sealed partial class PartialObjectJson : JsonSerializerContext;
