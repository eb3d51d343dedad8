using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.GitLab;

/// <summary>Reads GitLab's answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GitLabMergeRequest))]
[JsonSerializable(typeof(IReadOnlyList<GitLabMergeRequest>), TypeInfoPropertyName = "Page")]
[JsonSerializable(typeof(GitLabError))]
internal sealed partial class GitLabJson : JsonSerializerContext;
