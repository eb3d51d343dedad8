using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.PullRequests;

/// <summary>What a repository means beyond its fields.</summary>
public static class RepositoryRules
{
    /// <summary>Where it is.</summary>
    /// <param name="repository">The repository.</param>
    public static NamespacedName Key(AgentRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        return new NamespacedName(repository.Metadata.Namespace ?? "", repository.Metadata.Name);
    }

    /// <summary>True when a forge tells of its pull requests; else the tasks alone do, and people.</summary>
    /// <param name="repository">The repository; null when there is none.</param>
    public static bool HasForge(AgentRepository? repository) => repository is { Spec.Provider: not RepositoryProvider.None };

    /// <summary>The repository in which an attempt may open a pull request; null when it will not.</summary>
    /// <param name="task">Its task.</param>
    /// <param name="blueprint">Whose instance it is; null when that is unknown: then it may.</param>
    public static NamespacedName? OpensPullRequestIn(ObservedTask task, AgentBlueprint? blueprint)
    {
        ArgumentNullException.ThrowIfNull(task);
        return task.Spec.Repository is { } repository && blueprint?.Spec.OpensPullRequests != false
            ? new NamespacedName(task.Metadata.Namespace, repository)
            : null;
    }

    /// <summary>The rule that it breaks, one sentence; null when it breaks none. Without a forge nothing of it is ours to judge: git does.</summary>
    /// <param name="repository">The repository.</param>
    public static string? Violation(AgentRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        var policy = repository.Spec.PullRequests;
        return !HasForge(repository) ? null
            : policy.PollSeconds < 1 ? "spec.pullRequests.pollSeconds must be 1 or more."
            : policy.StaleAfterSeconds < 2L * policy.PollSeconds
                ? "spec.pullRequests.staleAfterSeconds must be at least twice pollSeconds, or a count would be too old before the next."
            : RepositoryAddress.TryParse(repository.Spec, out _, out var violation) ? null
            : violation;
    }

    /// <summary>What a count is of: the repository as the forge has it, and which of its pull requests. Objects that agree in it are counted once in the
    /// cluster's sum; null where no forge counts.</summary>
    /// <param name="spec">The repository.</param>
    public static string? Source(AgentRepositorySpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Provider == RepositoryProvider.None || !RepositoryAddress.TryParse(spec, out var address, out _)
            ? null
            : string.Join(
                '\n',
                [
                    spec.Provider.ToString(),
                    $"{address!.ApiRoot}/{address.Owner}/{address.Name}".ToLowerInvariant(),
                    spec.PullRequests.BranchPrefix,
                    .. (spec.PullRequests.Labels ?? []).Order(StringComparer.Ordinal),
                ]);
    }
}
