using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.GitHub;

/// <summary>The token of an App's installation.</summary>
internal sealed record GitHubToken
{
    public string? Token { get; init; }

    [JsonPropertyName("expires_at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Never what it holds: records print all that they have.</summary>
    public override string ToString() => nameof(GitHubToken);
}
