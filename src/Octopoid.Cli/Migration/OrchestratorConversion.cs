using System.Text.RegularExpressions;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Migration;

/// <summary>Makes the limits of the cluster, and the repository, of <c>agents.yaml</c> and <c>config.yaml</c>.</summary>
internal sealed partial class OrchestratorConversion(LegacyFiles files, MigrationReport report)
{
    private const int MostCount = 100_000;

    public AgentOrchestrator Orchestrator()
    {
        var spec = new AgentOrchestratorSpec { Paused = files.Agents?.Flag("paused") == true || files.PauseFile is not null };
        var agents = files.Config?.Peek("agents") as LegacyMap;
        var queues = new[] { files.Agents?.Map("queue_limits"), files.Config?.Map("queue_limits") };
        if (files.PauseFile is { } pause)
        {
            report.Note(new SourcePosition(pause, 1, 1), "everything is paused: set spec.paused of the AgentOrchestrator to false to begin.");
        }

        return new AgentOrchestrator
        {
            Metadata = new ObjectMeta { Name = AgentOrchestrator.SingletonName },
            Spec = spec with
            {
                MaxConcurrent = Least("maxConcurrent", [(agents, "max_concurrent"), .. queues.Select(queue => (queue, "max_claimed"))]) ?? spec.MaxConcurrent,
                MaxOpenPRs = Least("maxOpenPRs", [.. queues.Select(queue => (queue, "max_open_prs")), (agents, "max_open_prs"), (files.Config, "max_open_prs")]) ?? spec.MaxOpenPRs,
            },
        };
    }

    /// <summary>The repository; null when no URL is known.</summary>
    public AgentRepository? Repository()
    {
        var repo = files.Config?.Peek("repo") is LegacyMap map ? map : null;
        if (repo?.Scalar("url") is not { } url)
        {
            return null;
        }

        url.Use();
        var address = Credentials().Replace(url.Text, "$1");
        if (address != url.Text)
        {
            report.Warn(url.Position, "the credentials in repo.url are left out: put them into a Secret, and name it in spec.gitSecretName of the AgentRepository.");
        }

        if (address.StartsWith("http", StringComparison.Ordinal) && address.IndexOfAny(['@', '?', '#']) >= 0)
        {
            throw url.Error("must have neither a query nor, after its credentials, an @: put credentials into a Secret, and name it in spec.gitSecretName of the AgentRepository.");
        }

        if (address.Length > 2048 || !Address().IsMatch(address))
        {
            throw url.Error("must be an http, https, ssh, git or file URL, or user@host:path.");
        }

        var branch = repo.Scalar("base_branch") ?? repo.Scalar("main_branch") ?? files.Config!.Scalar("base_branch") ?? files.Config!.Scalar("main_branch");
        branch?.Use();
        if (branch is not null && !Branch().IsMatch(branch.Text))
        {
            throw branch.Error("must be the name of a branch, of at most 200 characters.");
        }

        report.Note(url.Position, "provider is none, so open pull requests are counted from the tasks; docs/forges.md tells how the forge is asked.");
        var name = address.TrimEnd('/');
        name = name[(name.LastIndexOfAny(['/', ':']) + 1)..];
        name = name.EndsWith(".git", StringComparison.OrdinalIgnoreCase) ? name[..^4] : name;
        var spec = new AgentRepositorySpec { Url = address };
        return new AgentRepository
        {
            Metadata = new ObjectMeta { Name = new KubernetesNames(report).Unique(name, url.Position) },
            Spec = branch is null ? spec : spec with { BaseBranch = branch.Text },
        };
    }

    private int? Least(string field, IEnumerable<(LegacyMap? Map, string Name)> places)
    {
        var found = places.Where(place => place.Map?.Peek(place.Name) is not null)
            .Select(place => (Node: place.Map!.Peek(place.Name)!, Value: place.Map.Whole(place.Name, 0, MostCount)!.Value)).ToList();
        if (found.Count == 0)
        {
            return null;
        }

        var least = found.MinBy(place => place.Value);
        if (found.Count > 1)
        {
            report.Note(
                least.Node.Position,
                FormattableString.Invariant($"{field} is {least.Value}, the least of {string.Join(" and ", found.Select(place => FormattableString.Invariant($"{place.Node.Path} = {place.Value}")))}."));
        }

        return least.Value;
    }

    [GeneratedRegex("^(https?://)[^/\\s]*@")]
    private static partial Regex Credentials();

    /// <summary>As the schema of AgentRepository has it.</summary>
    [GeneratedRegex(@"^(https?|git)://[^\s/@]+(/\S*)?\z|^ssh://([A-Za-z0-9_][A-Za-z0-9._-]*@)?[^\s/@]+(/\S*)?\z|^file:///\S*\z|^[A-Za-z0-9_][A-Za-z0-9._-]*@[A-Za-z0-9][A-Za-z0-9.-]*:\S+\z")]
    private static partial Regex Address();

    [GeneratedRegex(@"^(?=.{1,200}\z)[^\x00-\x20\x7f~^:?*\[\\/-][^\x00-\x20\x7f~^:?*\[\\]*\z")]
    private static partial Regex Branch();
}
