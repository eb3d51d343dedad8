using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>
/// The gate of open pull requests: open + reserved ≤ maximum, for the cluster and for the repository (DESIGN §3). An attempt that runs and may open one
/// reserves it, and so does an ended one until a count has begun after its end. A repository whose count is unknown or old starts
/// nothing itself; in the cluster's sum it stands with its last number.
/// </summary>
public static class PullRequestGate
{
    /// <summary>True when an attempt may open a pull request, and so must pass the gate and reserve one: not a reviewer's, nor one of a task without
    /// a repository, nor the repair of a task whose own is open, or a full gate could never drain.</summary>
    /// <param name="blueprint">Whose instance it is; null when that is unknown.</param>
    /// <param name="queue">Where its task waits.</param>
    public static bool Concerns(AgentBlueprint? blueprint, QueueKey queue) =>
        queue is { Repository: not null, HasOpenPullRequest: false } && blueprint?.Spec.OpensPullRequests != false;

    /// <summary>Why an attempt on a repository may not start now; null when it may.</summary>
    /// <param name="state">All that is known.</param>
    /// <param name="repository">The repository.</param>
    /// <param name="now">The time.</param>
    /// <param name="taken">How many starts have been decided on beyond what the state knows: in this repository, and in all.</param>
    public static Block? Judge(ClusterState state, NamespacedName repository, DateTimeOffset now, (int Here, int All) taken = default)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.FindRepository(repository) is not { } found)
        {
            return new Block(Reasons.RepositoryMissing, $"There is no AgentRepository named {repository.Name}.");
        }

        var limits = found.Spec.PullRequests;
        if (found.Spec.Provider != RepositoryProvider.None)
        {
            if (state.PullRequests.CountOf(repository) is not { } count)
            {
                return new Block(Reasons.OpenPRCountUnknown, $"The open pull requests of {repository.Name} have not been counted yet.");
            }

            // A clock that was set back must not make an old count a fresh one.
            var age = (now - count.At).Duration();
            if (age > TimeSpan.FromSeconds(limits.StaleAfterSeconds))
            {
                return new Block(
                    Reasons.OpenPRCountUnknown,
                    $"The open pull requests of {repository.Name} were last counted {age.TotalSeconds:0} s ago; {limits.StaleAfterSeconds} s are allowed.");
            }
        }

        var here = In(state, found);
        if (limits.MaxOpen is { } maximum && here.Sum + taken.Here >= maximum)
        {
            return Full(here, maximum, repository.Name);
        }

        var all = InAll(state);
        return state.Orchestrator?.Spec.MaxOpenPRs is { } limit && all.Sum + taken.All >= limit ? Full(all, limit, "the cluster") : null;
    }

    /// <summary>The pull requests of all repositories.</summary>
    /// <param name="state">All that is known.</param>
    public static Usage InAll(ClusterState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new Usage(
            state.Repositories.Sum(repository => In(state, repository).Open), state.Ledger.ReservedInAll + state.PullRequests.EndedInAll);
    }

    /// <summary>The pull requests of one repository.</summary>
    /// <param name="state">All that is known.</param>
    /// <param name="repository">The repository.</param>
    public static Usage In(ClusterState state, AgentRepository repository)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(repository);
        var key = new NamespacedName(repository.Metadata.Namespace ?? "", repository.Metadata.Name);

        // Before its first count by this leader, the last one's number is the best there is, with what tasks have on record since.
        var open = repository.Spec.Provider == RepositoryProvider.None
            ? state.PullRequests.RecordedIn(key)
            : state.PullRequests.CountOf(key)?.Open ?? Math.Max(repository.Status?.OpenPullRequests ?? 0, state.PullRequests.RecordedIn(key));
        return new Usage(open, state.Ledger.ReservedIn(key) + state.PullRequests.EndedIn(key));
    }

    private static Block Full(Usage usage, int limit, string where) => new(
        Reasons.OpenPRLimit,
        $"{usage.Open} pull requests of {where} are open and {usage.Reserved} more may be opened by agents at work; {limit} are allowed.");

    /// <summary>Why the gate is closed.</summary>
    /// <param name="Reason">In a word.</param>
    /// <param name="Message">In a sentence that names the numbers.</param>
    public sealed record Block(string Reason, string Message);

    /// <summary>What a limit is compared with.</summary>
    /// <param name="Open">Pull requests that are open.</param>
    /// <param name="Reserved">Those that may yet be opened, or have been since the last count.</param>
    public readonly record struct Usage(int Open, int Reserved)
    {
        /// <summary>Both.</summary>
        public int Sum => Open + Reserved;
    }
}
