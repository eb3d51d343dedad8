using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge;

/// <summary>Tells how many pull requests are open.</summary>
internal interface IForge
{
    /// <summary>Counts those of a repository. For one count of a repository at a time.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="known">Those that unfinished tasks have on record, each as it is recorded.</param>
    /// <param name="cancellationToken">Abandons the count.</param>
    /// <exception cref="ForgeException">The forge does not say.</exception>
    Task<PullRequestCount> CountAsync(AgentRepository repository, IReadOnlyDictionary<long, PullRequestState> known, CancellationToken cancellationToken);
}
