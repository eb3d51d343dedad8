using System.Text.Json.Serialization;
using Octopoid.Kubernetes.Watching;

namespace Octopoid.Benchmarks.Library;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LabelledObject))]
[JsonSerializable(typeof(ResourceList<LabelledObject>), TypeInfoPropertyName = "Page")]
internal sealed partial class LabelledJson : JsonSerializerContext;
