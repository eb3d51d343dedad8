using System.Text.Json.Serialization;

namespace Octopoid.Core.Outcomes;

/// <summary>Reads agents' results.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AgentResult))]
internal sealed partial class OutcomesJson : JsonSerializerContext;
