using System.Text.Json.Serialization;
using Octopoid.Kubernetes.Transport;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Kubernetes.Tests;

/// <summary>A resource for tests.</summary>
internal sealed record Thing
{
    public Meta? Metadata { get; init; }

    public string? Owner { get; init; }

    public static Thing Of(string name, string uid, int version) =>
        new() { Metadata = new Meta { Name = name, Namespace = "n", Uid = uid, ResourceVersion = $"{version}" } };

    public static ObjectIdentity Identify(Thing thing) =>
        new(thing.Metadata!.Namespace!, thing.Metadata.Name!, thing.Metadata.Uid!, thing.Metadata.ResourceVersion!);

    public static WatchedResource<Thing> Watched { get; } =
        new(new ResourcePath("test.dev", "v1", "things"), ThingJson.Default.Thing, ThingJson.Default.Things, Identify);

    internal sealed record Meta
    {
        public string? Name { get; init; }

        public string? Namespace { get; init; }

        public string? Uid { get; init; }

        public string? ResourceVersion { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Thing))]
[JsonSerializable(typeof(ResourceList<Thing>), TypeInfoPropertyName = "Things")]
internal sealed partial class ThingJson : JsonSerializerContext;
