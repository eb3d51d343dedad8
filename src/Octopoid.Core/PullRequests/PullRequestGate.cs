using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.PullRequests;

/// <summary>
/// The gate of open pull requests: open + reserved ≤ maximum, for the cluster and for the repository (DESIGN §3). An attempt that runs and may open one
/// reserves it, and so does an ended one until a count has begun after its end. A repository whose count is unknown or old starts
/// nothing itself; in the cluster's sum it stands with its last number.
/// </summary>
/// <remarks>Good for as long as the state does not change: what the whole cluster has is summed up once.</remarks>
/// <param name="state">All that is known.</param>
/// <param name="now">The time.</param>
public sealed class PullRequestGate(ClusterState state, DateTimeOffset now)
{
    private Usage? _all;

    /// <summary>The pull requests of all repositories: those that several objects speak of, once.</summary>
    public Usage All => _all ??= new Usage(
        state.RepositoriesBySource.Sum(OpenIn),
        state.Ledger.Reserved.Sum(ReservedIn) + state.Repositories.Sum(repository => state.PullRequests.EndedIn(RepositoryRules.Key(repository))));

    /// <summary>True when an attempt may open a pull request, and so must pass the gate and reserve one: not a reviewer's, nor one of a task without
    /// a repository, nor the repair of a task whose own is open, or a full gate could never drain.</summary>
    /// <param name="blueprint">Whose instance it is; null when that is unknown.</param>
    /// <param name="queue">Where its task waits.</param>
    public static bool Concerns(AgentBlueprint? blueprint, QueueKey queue) =>
        queue is { Repository: not null, HasOpenPullRequest: false } && blueprint?.Spec.OpensPullRequests != false;

    /// <summary>Why an attempt on a repository may not start now; null when it may.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="taken">How many starts have been decided on beyond what the state knows: in this repository, and in all.</param>
    public Block? Judge(NamespacedName repository, (int Here, int All) taken = default)
    {
        if (state.FindRepository(repository) is not { } found)
        {
            return new Block(Reasons.RepositoryMissing, $"There is no AgentRepository named {repository.Name}.");
        }

        if (RepositoryRules.HasForge(found) && Unknown(found) is { } unknown)
        {
            return new Block(Reasons.OpenPRCountUnknown, unknown);
        }

        var here = In(found);
        if (found.Spec.PullRequests.MaxOpen is { } maximum && here.Sum + taken.Here >= maximum)
        {
            return Full(here, maximum, repository.Name);
        }

        return state.Orchestrator?.Spec.MaxOpenPRs is { } limit && All.Sum + taken.All >= limit
            ? Full(All, limit, "the cluster") with { IsOfCluster = true }
            : null;
    }

    /// <summary>The pull requests of one repository, and what attempts in other objects that speak of it may open.</summary>
    /// <param name="repository">The repository.</param>
    public Usage In(AgentRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        var all = state.NamesakesOf(repository);
        return new Usage(
            OpenIn(all), all.Select(RepositoryRules.Key).Sum(key => ReservedIn(key) + state.PullRequests.EndedIn(key)));
    }

    /// <summary>Why a repository's count is not one to go by, a sentence; null when it is.</summary>
    /// <param name="repository">The repository, which a forge counts.</param>
    public string? Unknown(AgentRepository repository)
    {
        ArgumentNullException.ThrowIfNull(repository);
        var key = RepositoryRules.Key(repository);
        if (RepositoryRules.Violation(repository) is { } violation)
        {
            return violation;
        }

        var because = state.PullRequests.FailureOf(key) is { } failure ? $": {failure.Message}" : ".";
        if (state.PullRequests.CountOf(key) is not { } count)
        {
            return $"The open pull requests of {key.Name} have not been counted yet{because}";
        }

        // A clock that was set back must not make an old count a fresh one.
        // The time and not the age, which would be another every second, and each a write.
        var limit = repository.Spec.PullRequests.StaleAfterSeconds;
        return (now - count.At).Duration() > TimeSpan.FromSeconds(limit)
            ? $"The open pull requests of {key.Name} were last counted at {count.At.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, more than {limit} s ago{because}"
            : null;
    }

    /// <summary>How many attempts at work may open one: those that mend one do not, for as long as it is open.</summary>
    private int ReservedIn(NamespacedName repository) =>
        state.Ledger.ReservedIn(repository) - state.Ledger.MendedIn(repository).Count(number => state.IsOpen(repository, number));

    /// <summary>How many are open in what several objects speak of: by the count that was begun last. Before the first, the number that a leader before us
    /// wrote down is the best there is, with what tasks have on record since.</summary>
    private int OpenIn(IReadOnlyCollection<AgentRepository> repositories)
    {
        if (!RepositoryRules.HasForge(repositories.First()))
        {
            return repositories.Sum(repository => state.PullRequests.RecordedIn(RepositoryRules.Key(repository)));
        }

        var counts = repositories.Select(repository => state.PullRequests.CountOf(RepositoryRules.Key(repository))).OfType<PullRequestCounts.Count>().ToList();
        return counts.Count > 0
            ? counts.MaxBy(count => count.Order)!.Said.Open
            : Math.Max(
                repositories.Max(repository => repository.Status?.OpenPullRequests ?? 0),
                repositories.Sum(repository => state.PullRequests.RecordedIn(RepositoryRules.Key(repository))));
    }

    private static Block Full(Usage usage, int limit, string where) => new(
        Reasons.OpenPRLimit,
        $"{usage.Open} pull requests of {where} are open and {usage.Reserved} more may be opened by agents at work; {limit} are allowed.");

    /// <summary>Why the gate is closed.</summary>
    /// <param name="Reason">In a word.</param>
    /// <param name="Message">In a sentence that names the numbers.</param>
    public sealed record Block(string Reason, string Message)
    {
        /// <summary>True when it is the cluster's limit that is reached, and so every repository's gate is closed.</summary>
        public bool IsOfCluster { get; init; }
    }

    /// <summary>What a limit is compared with.</summary>
    /// <param name="Open">Pull requests that are open.</param>
    /// <param name="Reserved">Those that may yet be opened, or have been since the last count.</param>
    public readonly record struct Usage(int Open, int Reserved)
    {
        /// <summary>Both.</summary>
        public int Sum => Open + Reserved;
    }
}
