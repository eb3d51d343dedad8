using Octopoid.Core.Kinds;

namespace Octopoid.Core.PullRequests;

/// <summary>Where a forge's API has a repository.</summary>
/// <param name="ApiRoot">The API's root, without a slash at its end.</param>
/// <param name="Owner">The user or organisation; at GitLab the group, with the groups that it is in: <c>group/subgroup</c>.</param>
/// <param name="Name">The repository's name.</param>
public sealed record RepositoryAddress(string ApiRoot, string Owner, string Name)
{
    private const string Git = ".git";

    /// <summary>Reads it out of what agents clone, and <c>apiUrl</c> where that is given.</summary>
    /// <param name="spec">The repository.</param>
    /// <param name="address">The address; null where there is none.</param>
    /// <param name="violation">Why there is none, one sentence; null where there is one.</param>
    public static bool TryParse(AgentRepositorySpec spec, out RepositoryAddress? address, out string? violation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        (address, violation) = (null, null);
        if (Split(spec.Url) is not var (host, path))
        {
            violation = "spec.url is neither a URL nor user@host:path.";
            return false;
        }

        if ((spec.ApiUrl ?? ApiRootOf(spec.Provider, host)) is not { } root)
        {
            violation = "spec.apiUrl is needed, for spec.url names no host.";
            return false;
        }

        if (!Uri.TryCreate(root, UriKind.Absolute, out var api) || api is not { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" })
        {
            violation = "spec.apiUrl must be an http(s) URL without user, query and fragment.";
            return false;
        }

        // Only GitLab has groups in groups. A mirror on a disk has a path of its own before the two names.
        var names = Names(path, spec.ApiUrl is null ? "" : api.AbsolutePath);
        var isDeep = spec.Provider == RepositoryProvider.GitLab && host is not null;
        if (names.Length < 2 || (names.Length > 2 && host is not null && !isDeep))
        {
            violation = $"spec.url must end with {(isDeep ? "GROUP/NAME, or GROUP/SUBGROUP/NAME" : "OWNER/NAME")}, as the forge has it.";
            return false;
        }

        var name = names[^1].EndsWith(Git, StringComparison.OrdinalIgnoreCase) ? names[^1][..^Git.Length] : names[^1];
        var owners = isDeep ? names[..^1] : [names[^2]];
        if (!owners.All(IsName) || !IsName(name))
        {
            violation = "spec.url must end with OWNER/NAME, of letters, digits, dots, dashes and underscores.";
            return false;
        }

        address = new RepositoryAddress(root.TrimEnd('/'), string.Join('/', owners), name);
        return true;
    }

    /// <summary>Where the API is, unless it is said.</summary>
    private static string? ApiRootOf(RepositoryProvider provider, string? host) => (provider, host?.ToLowerInvariant()) switch
    {
        (_, null or "") => null,

        // github.com and its data residencies have an API host of their own; an Enterprise server has the API below its own host.
        (RepositoryProvider.GitHub, "github.com" or "www.github.com" or "ssh.github.com") => "https://api.github.com",
        (RepositoryProvider.GitHub, var residency) when residency.EndsWith(".ghe.com", StringComparison.Ordinal) => $"https://api.{residency}",
        (RepositoryProvider.GitHub, var server) => $"https://{server}/api/v3",
        (RepositoryProvider.GitLab, "altssh.gitlab.com") => "https://gitlab.com/api/v4",
        (RepositoryProvider.GitLab, var server) => $"https://{server}/api/v4",
        (RepositoryProvider.Gitea, var server) => $"https://{server}/api/v1",
        _ => null,
    };

    /// <summary>The names in a repository's path. A forge that is installed below a path of its host has that path before its API's, and before its repositories'.</summary>
    private static string[] Names(string path, string apiPath)
    {
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var prefix = apiPath.Split('/', StringSplitOptions.RemoveEmptyEntries).TakeWhile(part => part != "api").ToArray();
        return names.Length > prefix.Length && names.Take(prefix.Length).SequenceEqual(prefix) ? names[prefix.Length..] : names;
    }

    /// <summary>Host and path. Of ssh and git URLs the port is not the API's; a file has no host.</summary>
    private static (string? Host, string Path)? Split(string url)
    {
        if (url.Contains("://", StringComparison.Ordinal))
        {
            return !Uri.TryCreate(url, UriKind.Absolute, out var uri) ? null
                : uri.IsFile ? (null, uri.AbsolutePath)
                : (uri.Scheme is "http" or "https" ? uri.Authority : uri.Host, uri.AbsolutePath);
        }

        var colon = url.IndexOf(':', StringComparison.Ordinal);
        var at = url.IndexOf('@', StringComparison.Ordinal);
        return colon <= at || at < 0 ? null : (url[(at + 1)..colon], url[(colon + 1)..]);
    }

    private static bool IsName(string name) =>
        name is not ("" or "." or "..") && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');
}
