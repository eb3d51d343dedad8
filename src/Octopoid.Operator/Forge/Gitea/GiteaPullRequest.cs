using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.Gitea;

/// <summary>What is read of a pull request.</summary>
internal sealed record GiteaPullRequest
{
    public long Number { get; init; }

    /// <summary><c>open</c> or <c>closed</c>.</summary>
    public string? State { get; init; }

    public bool Merged { get; init; }

    public Branch? Head { get; init; }

    public Branch? Base { get; init; }

    public IReadOnlyList<LabelName?>? Labels { get; init; }

    /// <summary>A branch.</summary>
    internal sealed record Branch
    {
        /// <summary>Its name, also when it is deleted; empty where the pull request came without a branch.</summary>
        public string? Label { get; init; }

        /// <summary>Its name, or the pull request's own ref when the branch is deleted.</summary>
        public string? Ref { get; init; }

        public string? Sha { get; init; }

        /// <summary>Its repository's ID; -1 when that is gone.</summary>
        [JsonPropertyName("repo_id")]
        public long RepoId { get; init; }
    }

    internal sealed record LabelName(string? Name);
}
