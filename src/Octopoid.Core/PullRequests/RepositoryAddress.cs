using Octopoid.Core.Kinds;

namespace Octopoid.Core.PullRequests;

/// <summary>Where a forge's API has a repository.</summary>
/// <param name="ApiRoot">The API's root, without a slash at its end.</param>
/// <param name="Owner">The user or organisation.</param>
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
        if (spec.Provider != RepositoryProvider.GitHub)
        {
            violation = $"The provider {spec.Provider.ToString().ToLowerInvariant()} is not supported yet: its pull requests are not counted, so nothing that may open one is started.";
            return false;
        }

        if (Split(spec.Url) is not var (host, path))
        {
            violation = "spec.url is neither a URL nor user@host:path.";
            return false;
        }

        // A mirror on a disk has a path of its own before the two names.
        var names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (names.Length < 2 || (names.Length > 2 && host is not null))
        {
            violation = "spec.url must end with OWNER/NAME, as the forge has it.";
            return false;
        }

        var (owner, name) = (names[^2], names[^1].EndsWith(Git, StringComparison.OrdinalIgnoreCase) ? names[^1][..^Git.Length] : names[^1]);
        if (!IsName(owner) || !IsName(name))
        {
            violation = "spec.url must end with OWNER/NAME, of letters, digits, dots, dashes and underscores.";
            return false;
        }

        if ((spec.ApiUrl ?? ApiRootOf(host)) is not { } root)
        {
            violation = "spec.apiUrl is needed, for spec.url names no host.";
            return false;
        }

        if (!Uri.TryCreate(root, UriKind.Absolute, out var api) || api is not { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" })
        {
            violation = "spec.apiUrl must be an http(s) URL without user, query and fragment.";
            return false;
        }

        address = new RepositoryAddress(root.TrimEnd('/'), owner, name);
        return true;
    }

    /// <summary>github.com and its data residencies have an API host of their own; an Enterprise server has the API below its own host.</summary>
    private static string? ApiRootOf(string? host) => host?.ToLowerInvariant() switch
    {
        null or "" => null,
        "github.com" or "www.github.com" or "ssh.github.com" => "https://api.github.com",
        var residency when residency.EndsWith(".ghe.com", StringComparison.Ordinal) => $"https://api.{residency}",
        var server => $"https://{server}/api/v3",
    };

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
