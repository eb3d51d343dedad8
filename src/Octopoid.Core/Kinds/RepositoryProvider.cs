using System.Text.Json.Serialization;

namespace Octopoid.Core.Kinds;

/// <summary>Whose API tells of a repository's pull requests.</summary>
public enum RepositoryProvider
{
    /// <summary>Nobody's: a person's decision is the only news of a pull request.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>GitHub, public or Enterprise.</summary>
    [JsonStringEnumMemberName("github")]
    GitHub,

    /// <summary>GitLab.</summary>
    [JsonStringEnumMemberName("gitlab")]
    GitLab,

    /// <summary>Gitea or Forgejo.</summary>
    [JsonStringEnumMemberName("gitea")]
    Gitea,
}
