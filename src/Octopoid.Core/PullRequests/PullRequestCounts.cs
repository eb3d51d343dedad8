using Octopoid.Core.State;

namespace Octopoid.Core.PullRequests;

/// <summary>The open pull requests of each repository, as far as they are known, and those that ended attempts may have opened since. The attempts
/// that run and may open one are the ledger's.</summary>
public sealed class PullRequestCounts
{
    /// <summary>A forge answers from copies that are a moment behind: a count that is begun at once after an end may not show what was opened last.</summary>
    internal static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    private readonly Dictionary<NamespacedName, Count> _counted = [];
    private readonly Dictionary<NamespacedName, CountFailure> _failed = [];
    private readonly Dictionary<NamespacedName, (long Order, DateTimeOffset At)> _begun = [];
    private readonly Dictionary<NamespacedName, int> _recorded = [];
    private readonly Dictionary<NamespacedName, List<(long Order, DateTimeOffset At)>> _ended = [];

    /// <summary>How many counts have been begun.</summary>
    public long Order { get; private set; }

    /// <summary>The last count of a repository by its forge; null before the first.</summary>
    /// <param name="repository">The repository.</param>
    public Count? CountOf(NamespacedName repository) => _counted.GetValueOrDefault(repository);

    /// <summary>Why the last count failed; null when it did not.</summary>
    /// <param name="repository">The repository.</param>
    public CountFailure? FailureOf(NamespacedName repository) => _failed.GetValueOrDefault(repository);

    /// <summary>How many unfinished tasks of a repository have an open pull request on record.</summary>
    /// <param name="repository">The repository.</param>
    public int RecordedIn(NamespacedName repository) => _recorded.GetValueOrDefault(repository);

    /// <summary>How many attempts have ended that no count has seen the end of: each may have opened one.</summary>
    /// <param name="repository">The repository.</param>
    public int EndedIn(NamespacedName repository) => _ended.TryGetValue(repository, out var ended) ? ended.Count : 0;

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
    /// <param name="now">The time.</param>
    internal void End(NamespacedName repository, DateTimeOffset now)
    {
        if (!_ended.TryGetValue(repository, out var ended))
        {
            _ended[repository] = ended = [];
        }

        ended.Add((Order, now));
    }

    /// <summary>Notes that a count is about to be asked for.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="now">The time.</param>
    /// <returns>Which count it is, of all.</returns>
    internal long Begin(NamespacedName repository, DateTimeOffset now)
    {
        _begun[repository] = (++Order, now);
        return Order;
    }

    /// <summary>True when an answer is to the count that was begun last, of what is to be counted now.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="order">Which count was answered.</param>
    internal bool IsAwaited(NamespacedName repository, long order) => _begun.TryGetValue(repository, out var begun) && begun.Order == order;

    /// <summary>Takes in the count that was begun last.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="namesakes">All that speak of the same pull requests, itself among them: it has seen what their attempts have opened, too.</param>
    /// <param name="said">What the forge said.</param>
    internal void Take(NamespacedName repository, IEnumerable<NamespacedName> namesakes, PullRequestCount said)
    {
        _failed.Remove(repository);
        if (_begun.Remove(repository, out var begun))
        {
            _counted[repository] = new Count(said, begun.Order, begun.At);
            foreach (var namesake in namesakes)
            {
                Cover(namesake, begun.Order, begun.At);
            }
        }
    }

    /// <summary>Notes that the count that was begun last has failed: the one before stands, and grows old.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="failure">Why.</param>
    internal void Fail(NamespacedName repository, CountFailure failure)
    {
        _begun.Remove(repository);
        _failed[repository] = failure;
    }

    /// <summary>Notes that the clock was set back: no count is the younger for it.</summary>
    /// <param name="step">By how much, less than zero.</param>
    internal void SetBack(TimeSpan step)
    {
        foreach (var (repository, count) in _counted.ToList())
        {
            _counted[repository] = count with { At = count.At + step };
        }

        foreach (var (repository, begun) in _begun.ToList())
        {
            _begun[repository] = begun with { At = begun.At + step };
        }

        foreach (var ended in _ended.Values)
        {
            for (var i = 0; i < ended.Count; i++)
            {
                ended[i] = ended[i] with { At = ended[i].At + step };
            }
        }
    }

    /// <summary>Forgets the count of what is not counted any more; what attempts may have opened stays.</summary>
    /// <param name="repository">The repository.</param>
    internal void Forget(NamespacedName repository)
    {
        _counted.Remove(repository);
        _failed.Remove(repository);
        _begun.Remove(repository);
    }

    /// <summary>Forgets what ended attempts may have opened, where nobody counts: what was opened is on record with its task.</summary>
    /// <param name="repository">The repository.</param>
    internal void ForgetEnded(NamespacedName repository) => _ended.Remove(repository);

    private void Cover(NamespacedName repository, long order, DateTimeOffset begun)
    {
        if (_ended.TryGetValue(repository, out var ended)
            && ended.RemoveAll(attempt => attempt.Order < order && begun - attempt.At >= Settling) > 0
            && ended.Count == 0)
        {
            _ended.Remove(repository);
        }
    }

    /// <summary>A count by a forge.</summary>
    /// <param name="Said">What the forge said.</param>
    /// <param name="Order">Which it is of all counts: one that was begun later knows more.</param>
    /// <param name="At">When it was begun.</param>
    public sealed record Count(PullRequestCount Said, long Order, DateTimeOffset At);
}
