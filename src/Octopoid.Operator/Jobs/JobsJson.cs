using System.Text.Json.Serialization;
using k8s.Models;

namespace Octopoid.Operator.Jobs;

/// <summary>How the client library's models are written. Its own writer knows all of Kubernetes, and takes the memory for it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(V1Job))]
[JsonSerializable(typeof(V1ConfigMap))]
internal sealed partial class JobsJson : JsonSerializerContext;
