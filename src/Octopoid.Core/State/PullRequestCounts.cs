namespace Octopoid.Core.State;

/// <summary>The open pull requests of each repository, as far as they are known, and those that ended attempts may have opened since. The attempts
/// that run and may open one are the ledger's.</summary>
public sealed class PullRequestCounts
{
    private readonly Dictionary<NamespacedName, Count> _counted = [];
    private readonly Dictionary<NamespacedName, int> _recorded = [];
    private readonly Dictionary<NamespacedName, List<EndedAttempt>> _ended = [];

    /// <summary>The last count of a repository by its forge; null before the first.</summary>
    /// <param name="repository">The repository.</param>
    public Count? CountOf(NamespacedName repository) => _counted.GetValueOrDefault(repository);

    /// <summary>How many unfinished tasks of a repository have an open pull request on record.</summary>
    /// <param name="repository">The repository.</param>
    public int RecordedIn(NamespacedName repository) => _recorded.GetValueOrDefault(repository);

    /// <summary>How many attempts have ended that no count has seen the end of: each may have opened one.</summary>
    /// <param name="repository">The repository.</param>
    public int EndedIn(NamespacedName repository) => _ended.TryGetValue(repository, out var ended) ? ended.Count : 0;

    /// <summary>The same, in all repositories.</summary>
    public int EndedInAll => _ended.Values.Sum(ended => ended.Count);

    /// <summary>Notes that a task has, or has no more, an open pull request on record.</summary>
    /// <param name="repository">Its repository.</param>
    /// <param name="change">1 or -1.</param>
    internal void Record(NamespacedName repository, int change)
    {
        var count = RecordedIn(repository) + change;
        if (count == 0)
        {
            _recorded.Remove(repository);
        }
        else
        {
            _recorded[repository] = count;
        }
    }

    /// <summary>Notes that an attempt has ended that may have opened a pull request.</summary>
    /// <param name="repository">Its repository.</param>
    internal void End(NamespacedName repository)
    {
        if (!_ended.TryGetValue(repository, out var ended))
        {
            _ended[repository] = ended = [];
        }

        ended.Add(new EndedAttempt());
    }

    /// <summary>Notes that a count is about to be asked for: it will see what the attempts that have ended by now have opened.</summary>
    /// <param name="repository">The repository.</param>
    internal void Begin(NamespacedName repository)
    {
        foreach (var ended in _ended.GetValueOrDefault(repository, []))
        {
            ended.IsCovered = true;
        }
    }

    /// <summary>Takes in a count.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="open">How many pull requests are open.</param>
    /// <param name="now">The time.</param>
    internal void Take(NamespacedName repository, int open, DateTimeOffset now)
    {
        _counted[repository] = new Count(open, now);
        if (_ended.TryGetValue(repository, out var ended) && ended.RemoveAll(attempt => attempt.IsCovered) > 0 && ended.Count == 0)
        {
            _ended.Remove(repository);
        }
    }

    /// <summary>Notes that the clock was set back: no count is the younger for it.</summary>
    /// <param name="step">By how much, less than zero.</param>
    internal void SetBack(TimeSpan step)
    {
        foreach (var (repository, count) in _counted.ToList())
        {
            _counted[repository] = count with { At = count.At + step };
        }
    }

    /// <summary>Forgets the count of a repository that is gone; made again, it is counted anew.</summary>
    /// <param name="repository">The repository.</param>
    internal void Forget(NamespacedName repository)
    {
        _counted.Remove(repository);
    }

    /// <summary>A count by a forge.</summary>
    /// <param name="Open">How many pull requests were open.</param>
    /// <param name="At">When it was read.</param>
    public sealed record Count(int Open, DateTimeOffset At);

    private sealed class EndedAttempt
    {
        public bool IsCovered { get; set; }
    }
}
