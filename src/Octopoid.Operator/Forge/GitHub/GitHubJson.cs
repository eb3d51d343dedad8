using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.GitHub;

/// <summary>Reads GitHub's answers.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GitHubPullRequest))]
[JsonSerializable(typeof(IReadOnlyList<GitHubPullRequest>), TypeInfoPropertyName = "Page")]
[JsonSerializable(typeof(GitHubToken))]
[JsonSerializable(typeof(GitHubError))]
internal sealed partial class GitHubJson : JsonSerializerContext;
