using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.PullRequests;

/// <summary>All that is known of open pull requests, and when more is asked of the forges.</summary>
internal sealed class PullRequestTracking
{
    private readonly PullRequestPolls _polls = new();
    private readonly PullRequestNews _news = new();
    private readonly Dictionary<NamespacedName, DateTimeOffset> _staleAt = [];

    /// <summary>The counts.</summary>
    public PullRequestCounts Counts { get; } = new();

    /// <summary>When the next count is due; null when none is.</summary>
    public DateTimeOffset? Next => _polls.Next;

    /// <summary>When a count will be too old, which the reports must then say; null when none will.</summary>
    public DateTimeOffset? NextStale => _staleAt.Count == 0 ? null : _staleAt.Values.Min();

    /// <summary>Lets time pass.</summary>
    /// <param name="now">The time.</param>
    /// <returns>True when a count has become too old.</returns>
    public bool RingStale(DateTimeOffset now)
    {
        var stale = NextStale <= now ? _staleAt.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToList() : [];
        stale.ForEach(repository => _staleAt.Remove(repository));
        return stale.Count > 0;
    }

    /// <summary>Takes in a repository.</summary>
    /// <param name="known">It before; null when it is new.</param>
    /// <param name="repository">It now; null when it is gone.</param>
    /// <param name="now">The time.</param>
    public void See(AgentRepository? known, AgentRepository? repository, DateTimeOffset now)
    {
        var key = RepositoryRules.Key((repository ?? known)!);
        var isOther = known?.Metadata.Uid != repository?.Metadata.Uid || Source(known) != Source(repository);
        if (isOther)
        {
            Counts.Forget(key);
            _news.Forget(key);
            _staleAt.Remove(key);
        }

        if (repository is null || !RepositoryRules.HasForge(repository) || RepositoryRules.Violation(repository) is not null)
        {
            _polls.Remove(key);
        }
        else if (isOther || known?.Metadata.Generation != repository.Metadata.Generation)
        {
            _polls.Add(key, isOther, now);
        }

        if (!isOther && repository is not null && known!.Status?.LastWebhookTime != repository.Status?.LastWebhookTime)
        {
            _polls.Tell(key, now);
        }

        if (repository is not null && !RepositoryRules.HasForge(repository))
        {
            Counts.ForgetEnded(key);
        }
    }

    /// <summary>Takes in a task.</summary>
    /// <param name="known">It before; null when it is new.</param>
    /// <param name="task">It now; null when it is gone.</param>
    public void See(ObservedTask? known, ObservedTask? task)
    {
        Record(known, -1);
        Record(task, 1);
        _news.See(known, task, Counts.Order);
    }

    /// <summary>Notes that an attempt has ended that may have opened a pull request which its forge has to tell of.</summary>
    /// <param name="repository">Its repository.</param>
    /// <param name="now">The time.</param>
    public void End(NamespacedName repository, DateTimeOffset now)
    {
        Counts.End(repository, now);
        _polls.Wake(repository, now);
    }

    /// <summary>The counts to ask for now.</summary>
    /// <param name="state">All that is known.</param>
    /// <param name="now">The time.</param>
    public IReadOnlyList<Decision.CountPullRequests> Take(ClusterState state, DateTimeOffset now) =>
    [
        .. _polls.Take(now).Select(key => state.FindRepository(key)!).Select(
            repository => new Decision.CountPullRequests(repository, Counts.Begin(RepositoryRules.Key(repository), now), Known(state, repository))),
    ];

    /// <summary>Takes in what a forge has said.</summary>
    /// <param name="fact">What.</param>
    /// <param name="repository">Its repository.</param>
    /// <param name="namesakes">All that speak of the same pull requests.</param>
    /// <param name="now">The time.</param>
    /// <returns>The tasks whose pull requests were told of.</returns>
    public IReadOnlyCollection<string> Take(
        Fact.PullRequestsCounted fact, AgentRepository repository, IReadOnlyCollection<AgentRepository> namesakes, DateTimeOffset now)
    {
        if (!Counts.IsAwaited(fact.Repository, fact.Order))
        {
            return [];
        }

        var policy = repository.Spec.PullRequests;
        Counts.Take(fact.Repository, namesakes.Select(RepositoryRules.Key), fact.Count);
        var count = Counts.CountOf(fact.Repository)!;
        _staleAt[fact.Repository] = count.At + TimeSpan.FromSeconds(policy.StaleAfterSeconds + 1);
        _polls.End(fact.Repository, fact.Count.HasMore ? TimeSpan.Zero : TimeSpan.FromSeconds(policy.PollSeconds), fact.Count.Pause, now);
        _news.Take(fact.Repository, count);
        return _news.TrackedIn(fact.Repository);
    }

    /// <summary>Takes in that a forge has said nothing of use.</summary>
    /// <param name="fact">Why.</param>
    /// <param name="now">The time.</param>
    public void Take(Fact.PullRequestCountFailed fact, DateTimeOffset now)
    {
        if (Counts.IsAwaited(fact.Repository, fact.Order))
        {
            Counts.Fail(fact.Repository, fact.Failure);
            _polls.Fail(fact.Repository, fact.Failure.RetryAfter, now);
        }
    }

    /// <summary>How a task's pull request stands, where that is another way than the task has on record; null when there is no such news.</summary>
    /// <param name="task">The task.</param>
    public SeenPullRequest? NewsOf(ObservedTask task) => _news.Of(task);

    /// <summary>Notes that the clock was set back.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step)
    {
        Counts.SetBack(step);
        foreach (var (repository, time) in _staleAt.ToList())
        {
            _staleAt[repository] = time + step;
        }

        _polls.SetBack(step);
    }

    private void Record(ObservedTask? task, int change)
    {
        if (task is { Spec.Repository: { } repository } && task.HasOpenPullRequest() && !FlowRules.IsTerminal(task.State()))
        {
            Counts.Record(new NamespacedName(task.Metadata.Namespace, repository), change);
        }
    }

    /// <summary>What tasks have on record, those of namesakes as well: whichever of them is counted last, all of it is counted.</summary>
    private Dictionary<long, PullRequestState> Known(ClusterState state, AgentRepository repository)
    {
        var known = new Dictionary<long, PullRequestState>();
        foreach (var uid in state.NamesakesOf(repository).SelectMany(namesake => _news.TrackedIn(RepositoryRules.Key(namesake))))
        {
            if (state.TryFindTask(uid, out var task) && task.Status?.PullRequest is { Number: { } number, State: { } recorded })
            {
                known[number] = recorded;
            }
        }

        return known;
    }

    private static string? Source(AgentRepository? repository) => repository is null ? null : RepositoryRules.Source(repository.Spec);
}
