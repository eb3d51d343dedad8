using System.Text.Json.Serialization;

namespace Octopoid.Kubernetes.Transport;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ApiStatus))]
internal sealed partial class TransportJson : JsonSerializerContext;
