using System.Text.Json.Serialization;

namespace Octopoid.Operator.Forge.GitLab;

/// <summary>What is read of a merge request.</summary>
internal sealed record GitLabMergeRequest
{
    /// <summary>Its number in its project.</summary>
    public long Iid { get; init; }

    /// <summary><c>opened</c>, <c>closed</c>, <c>merged</c>, or <c>locked</c> while it is being merged.</summary>
    public string? State { get; init; }

    [JsonPropertyName("source_branch")]
    public string? SourceBranch { get; init; }

    /// <summary>The head of that branch.</summary>
    public string? Sha { get; init; }

    /// <summary>The project of that branch; null where it is gone.</summary>
    [JsonPropertyName("source_project_id")]
    public long? SourceProjectId { get; init; }

    [JsonPropertyName("target_project_id")]
    public long? TargetProjectId { get; init; }

    public IReadOnlyList<string?>? Labels { get; init; }
}
