using System.Collections.Concurrent;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;
using Octopoid.Kubernetes.Watching;
using Octopoid.Operator.Forge.Gitea;
using Octopoid.Operator.Forge.GitHub;
using Octopoid.Operator.Forge.GitLab;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Forge;

/// <summary>The forges of all repositories, by their APIs.</summary>
internal sealed class Forges(GitHubProvider github, GitLabProvider gitlab, GiteaProvider gitea, ForgeTransport transport, ApiSecrets secrets, Watches watches, TimeProvider time) : IForge
{
    private readonly ConcurrentDictionary<NamespacedName, (string? Source, string Uid, ForgeSession Session)> _sessions = new();

    /// <inheritdoc/>
    public Task<PullRequestCount> CountAsync(
        AgentRepository repository, IReadOnlyDictionary<long, PullRequestState> known, CancellationToken cancellationToken) =>
        SessionOf(RepositoryRules.Key(repository), repository).CountAsync(repository, known, cancellationToken);

    /// <summary>What is kept of a repository, as long as it is the same.</summary>
    private ForgeSession SessionOf(NamespacedName key, AgentRepository repository)
    {
        ForgetGone();
        var source = RepositoryRules.Source(repository.Spec);
        if (_sessions.TryGetValue(key, out var kept) && kept.Source == source && kept.Uid == repository.Metadata.Uid)
        {
            return kept.Session;
        }

        var session = RepositoryAddress.TryParse(repository.Spec, out var address, out var violation)
            ? new ForgeSession(ProviderOf(repository.Spec.Provider), address!, transport, secrets, time)
            : throw new ForgeException(Reasons.InvalidSpec, violation!);
        _sessions[key] = (source, repository.Metadata.Uid, session);
        return session;
    }

    private IForgeProvider ProviderOf(RepositoryProvider provider) => provider switch
    {
        RepositoryProvider.GitHub => github,
        RepositoryProvider.GitLab => gitlab,
        RepositoryProvider.Gitea => gitea,
        _ => throw new ArgumentOutOfRangeException(nameof(provider), provider, "no forge"),
    };

    private void ForgetGone()
    {
        var repositories = watches.Repositories;
        foreach (var gone in _sessions.Count > repositories.Count ? _sessions.Keys.Where(key => repositories.Find(new ObjectKey(key.Namespace, key.Name)) is null) : [])
        {
            _sessions.TryRemove(gone, out _);
        }
    }
}
