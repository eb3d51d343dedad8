namespace Octopoid.Testing.Forges;

/// <summary>A wire format that a <see cref="TestForge"/> speaks: it speaks all of them at once, each below its own root.</summary>
public enum ForgeFormat
{
    /// <summary>GitHub's REST API (https://docs.github.com/rest).</summary>
    GitHub,

    /// <summary>GitLab's REST API (https://docs.gitlab.com/api/rest).</summary>
    GitLab,

    /// <summary>Gitea's and Forgejo's REST API (https://docs.gitea.com/api).</summary>
    Gitea,
}
