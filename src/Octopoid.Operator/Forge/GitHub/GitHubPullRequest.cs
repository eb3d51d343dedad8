using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.GitHub;

/// <summary>What is read of a pull request.</summary>
internal sealed record GitHubPullRequest
{
    public long Number { get; init; }

    public string? State { get; init; }

    [JsonPropertyName("merged_at")]
    public DateTimeOffset? MergedAt { get; init; }

    public Branch? Head { get; init; }

    public Branch? Base { get; init; }

    public IReadOnlyList<Label>? Labels { get; init; }

    /// <summary>A branch, in a repository that may be gone.</summary>
    internal sealed record Branch(string? Ref, string? Sha, RepositoryId? Repo);

    internal sealed record RepositoryId(long Id);

    internal sealed record Label(string? Name);
}
