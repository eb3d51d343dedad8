using System.Text.Json.Serialization;

namespace Octopoid.Kubernetes.Events;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EventBody))]
internal sealed partial class EventsJson : JsonSerializerContext;
