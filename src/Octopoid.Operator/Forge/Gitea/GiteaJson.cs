using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.Gitea;

/// <summary>Reads Gitea's answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GiteaPullRequest))]
[JsonSerializable(typeof(IReadOnlyList<GiteaPullRequest>), TypeInfoPropertyName = "Page")]
[JsonSerializable(typeof(GiteaError))]
internal sealed partial class GiteaJson : JsonSerializerContext;
