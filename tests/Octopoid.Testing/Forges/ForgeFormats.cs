namespace Octopoid.Testing.Forges;

/// <summary>What is known of the wire formats.</summary>
internal static class ForgeFormats
{
    private static readonly (ForgeFormat Format, string Root)[] Roots = [(ForgeFormat.GitHub, "/api/v3"), (ForgeFormat.GitLab, "/api/v4"), (ForgeFormat.Gitea, "/api/v1")];

    /// <summary>The path of a format's root, as of an installation of one's own.</summary>
    public static string Root(ForgeFormat format) => Roots.Single(root => root.Format == format).Root;

    /// <summary>The format that a path is of; GitHub's, where it is of none.</summary>
    public static ForgeFormat Of(string path) => Roots.FirstOrDefault(root => path.StartsWith(root.Root + "/", StringComparison.Ordinal)).Format;
}
