using Octopoid.Core.State;

namespace Octopoid.Core.PullRequests;

/// <summary>When the open pull requests of each repository are counted next: one count of a repository at a time, however many tasks it has.</summary>
internal sealed class PullRequestPolls
{
    /// <summary>An attempt that ends may have opened a pull request, so its repository is counted soon; a hundred that end together are one count.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(5);

    /// <summary>A forge that is back must not leave the gate closed for long after; asked once a minute, it is no burden to one that is down.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(60);

    /// <summary>Quotas begin anew each hour. A forge that asks for more is asked once in between: one wrong number must not close the gate for a day.</summary>
    private static readonly TimeSpan LongestAsked = TimeSpan.FromMinutes(65);

    private readonly Dictionary<NamespacedName, Poll> _polls = [];

    /// <summary>When the next one is due; null when none is.</summary>
    public DateTimeOffset? Next { get; private set; }

    /// <summary>Has a repository counted, at once.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="isOther">True when something else is to be counted than before: an answer that is under way is not waited for.</param>
    /// <param name="now">The time.</param>
    public void Add(NamespacedName repository, bool isOther, DateTimeOffset now)
    {
        var known = _polls.GetValueOrDefault(repository);
        Set(repository, known is null || isOther ? new Poll(now) : known with { Due = now, NotBefore = now, Allowed = now, Failures = 0 });
    }

    /// <summary>Has a repository counted no more.</summary>
    /// <param name="repository">The repository.</param>
    public void Remove(NamespacedName repository) => _polls.Remove(repository);

    /// <summary>Has a repository counted as soon as its forge may be asked again.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="now">The time.</param>
    public void Wake(NamespacedName repository, DateTimeOffset now)
    {
        if (_polls.TryGetValue(repository, out var poll))
        {
            var due = Later(poll.NotBefore, now + PullRequestCounts.Settling);
            Set(repository, poll with { Due = due < poll.Due ? due : poll.Due, WokenAt = due });
        }
    }

    /// <summary>Has a repository counted at once, unless its forge wants to be left alone: the forge itself has told of a change.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="now">The time.</param>
    public void Tell(NamespacedName repository, DateTimeOffset now)
    {
        if (_polls.TryGetValue(repository, out var poll))
        {
            var due = Later(poll.Allowed, now);
            Set(repository, poll with { Due = due < poll.Due ? due : poll.Due, ToldAt = now });
        }
    }

    /// <summary>The repositories to be counted now, each once until its count has ended.</summary>
    /// <param name="now">The time.</param>
    public IReadOnlyList<NamespacedName> Take(DateTimeOffset now)
    {
        if (Next is not { } next || next > now)
        {
            return [];
        }

        var due = _polls.Where(poll => !poll.Value.IsUnderWay && poll.Value.Due <= now).Select(poll => poll.Key).ToList();
        foreach (var repository in due)
        {
            // A count that was begun sooner is none of what has ended since. And a forge may tell of a change before its lists have it: they are read once more.
            var poll = _polls[repository];
            var again = Latest(poll.WokenAt, poll.ToldAt + PullRequestCounts.Settling);
            _polls[repository] = poll with { IsUnderWay = true, WokenAt = again > now ? again : null, ToldAt = null, NotBefore = now + LeastPause };
        }

        Next = _polls.Values.Where(poll => !poll.IsUnderWay).Select(poll => (DateTimeOffset?)poll.Due).Min();
        return due;
    }

    /// <summary>Notes that a count has ended well.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="interval">The time from one to the next.</param>
    /// <param name="pause">The least that the quota allows; null: any.</param>
    /// <param name="now">The time.</param>
    public void End(NamespacedName repository, TimeSpan interval, TimeSpan? pause, DateTimeOffset now)
    {
        if (_polls.TryGetValue(repository, out var poll))
        {
            // By the time of its begin, or a slow forge would be asked more seldom than was wished for.
            var allowed = now + (pause ?? TimeSpan.Zero);
            var notBefore = Later(poll.NotBefore, allowed);
            var due = Later(poll.NotBefore - LeastPause + interval, allowed);
            due = poll.WokenAt is { } woken && Later(woken, notBefore) is var soon && soon < due ? soon : due;
            due = poll.ToldAt is not null && allowed < due ? allowed : due;
            Set(repository, new Poll(due) { NotBefore = notBefore, Allowed = allowed, WokenAt = poll.WokenAt, ToldAt = poll.ToldAt });
        }
    }

    /// <summary>Notes that a count has failed.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="retryAfter">How long the forge wants to be left alone; null where it did not say.</param>
    /// <param name="now">The time.</param>
    public void Fail(NamespacedName repository, TimeSpan? retryAfter, DateTimeOffset now)
    {
        if (_polls.TryGetValue(repository, out var poll))
        {
            var backoff = LeastPause * Math.Pow(2, Math.Min(poll.Failures, 10));
            var pause = retryAfter > backoff ? Least(retryAfter.Value, LongestAsked) : Least(backoff, LongestPause);
            Set(repository, new Poll(now + pause) { NotBefore = now + pause, Failures = poll.Failures + 1 });
        }
    }

    /// <summary>Notes that the clock was set back.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step)
    {
        foreach (var (repository, poll) in _polls.ToList())
        {
            _polls[repository] = poll with
            {
                Due = poll.Due + step, NotBefore = poll.NotBefore + step, Allowed = poll.Allowed + step, WokenAt = poll.WokenAt + step, ToldAt = poll.ToldAt + step,
            };
        }

        Next += step;
    }

    private void Set(NamespacedName repository, Poll poll)
    {
        _polls[repository] = poll;
        if (!poll.IsUnderWay && !(Next < poll.Due))
        {
            Next = poll.Due;
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset? Latest(DateTimeOffset? a, DateTimeOffset? b) => a is null || b > a ? b : a;

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    /// <summary>How far a repository's counting has come.</summary>
    /// <param name="Due">When the next count is due, once none is under way.</param>
    private sealed record Poll(DateTimeOffset Due)
    {
        /// <summary>Before this nobody's end has the forge asked.</summary>
        public DateTimeOffset NotBefore { get; init; } = Due;

        /// <summary>Before this nothing has: its quota, or its last failure, asks for that.</summary>
        public DateTimeOffset Allowed { get; init; } = Due;

        public bool IsUnderWay { get; init; }

        /// <summary>When a count must not have begun before, because of what has ended or was told; null when any will do.</summary>
        public DateTimeOffset? WokenAt { get; init; }

        /// <summary>When the forge has told of a change, since the last count was begun; null when it has not.</summary>
        public DateTimeOffset? ToldAt { get; init; }

        public int Failures { get; init; }
    }
}
