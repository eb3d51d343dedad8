using System.Text.Json.Serialization;
using k8s.Models;

namespace Octopoid.Operator.Jobs;

/// <summary>How the client library's models are written. Its own writer knows all of Kubernetes, which compiled ahead would be half of the program.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(V1Job))]
[JsonSerializable(typeof(V1ConfigMap))]
internal sealed partial class JobsJson : JsonSerializerContext;
