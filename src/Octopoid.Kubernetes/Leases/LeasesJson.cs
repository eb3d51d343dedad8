using System.Text.Json.Serialization;

namespace Octopoid.Kubernetes.Leases;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Lease))]
internal sealed partial class LeasesJson : JsonSerializerContext;
