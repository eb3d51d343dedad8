using System.Text.Json;
using System.Text.Json.Serialization;

namespace Octopoid.Kubernetes.Transport;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ApiStatus))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class TransportJson : JsonSerializerContext;
