using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Forges;

/// <summary>What the checks read of a repository, by none of the operator's code.</summary>
/// <param name="Name">Its object's name.</param>
/// <param name="Uid">Its object's UID.</param>
/// <param name="Provider">Who counts.</param>
/// <param name="Home">The repository as the forge has it.</param>
/// <param name="Prefix">What the branches of the pool begin with.</param>
internal sealed record RepositoryView(string Name, string Uid, string Provider, string Home, string Prefix)
{
    public const string GitHub = "github";
    public const string None = "none";

    /// <summary>A forge whose API has no address.</summary>
    public const string Broken = "broken";

    public int MaxOpen { get; private init; } = int.MaxValue;

    public int StaleSeconds { get; private init; }

    /// <summary>True when a forge counts.</summary>
    public bool HasForge => Provider != None;

    /// <summary>False when no client can ask its forge: nothing may start then.</summary>
    public bool IsCountable => Provider is GitHub or None;

    /// <summary>What is counted: objects that agree in it speak of the same pull requests.</summary>
    public string Source => Provider == GitHub ? $"{Home} {Prefix}" : Name;

    /// <summary>What must stay for a count to be one of this.</summary>
    public string Identity => $"{Uid} {Provider} {Home} {Prefix}";

    public static RepositoryView Of(ServerObject item) => new(
        item.Name,
        item.Uid,
        item.Json.Text("spec", "apiUrl") is not null ? Broken : item.Json.Text("spec", "provider") ?? None,
        HomeOf(item.Json.Text("spec", "url")!),
        item.Json.Text("spec", "pullRequests", "branchPrefix") ?? "agent/")
    {
        MaxOpen = item.Json.Number("spec", "pullRequests", "maxOpen") ?? int.MaxValue,
        StaleSeconds = item.Json.Number("spec", "pullRequests", "staleAfterSeconds") ?? 300,
    };

    public static RepositoryView Of(AgentRepository item) => new(
        item.Metadata.Name,
        item.Metadata.Uid,
        item.Spec.ApiUrl is not null ? Broken : item.Spec.Provider == RepositoryProvider.GitHub ? GitHub : None,
        HomeOf(item.Spec.Url),
        item.Spec.PullRequests.BranchPrefix);

    public bool Matches(Pull pull) => pull.Branch.StartsWith(Prefix, StringComparison.Ordinal);

    private static string HomeOf(string url)
    {
        var name = url[(url.LastIndexOf('/') + 1)..].ToLowerInvariant();
        return name.EndsWith(".git", StringComparison.Ordinal) ? name[..^4] : name;
    }
}
