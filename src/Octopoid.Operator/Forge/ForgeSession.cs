using System.Net;
using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;

namespace Octopoid.Operator.Forge;

/// <summary>What is kept of a repository from one count of its open pull requests to the next. One count at a time: another waits for it.</summary>
/// <param name="forge">The wire format.</param>
/// <param name="address">The repository.</param>
/// <param name="transport">Where requests go.</param>
/// <param name="secrets">Where credentials come from.</param>
/// <param name="time">The clock.</param>
internal sealed class ForgeSession(IForgeProvider forge, RepositoryAddress address, ForgeTransport transport, ApiSecrets secrets, TimeProvider time)
{
    /// <summary>A list that changes faster than it can be read is taken as all readings together have it: rather a pull request too many than one too few.</summary>
    private const int PassLimit = 5;

    /// <summary>A hundred thousand: no repository has more, but a forge whose pages do not end does.</summary>
    private const int PageLimit = 1000;

    /// <summary>So many are looked up one by one in a count; after a night without an operator, the next count follows at once.</summary>
    private const int LookUpLimit = 50;

    /// <summary>What the forge does not know may yet be opened, and what was closed may have been opened again and merged between two counts: they are
    /// asked for again after this.</summary>
    private static readonly TimeSpan UnsureAfter = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly List<KeptPage> _pages = [];
    private readonly Dictionary<long, EndedPullRequest> _ended = [];
    private readonly Dictionary<long, long> _unknown = [];
    private Task _last = Task.CompletedTask;
    private AgentRepository _repository = new();
    private Uri? _movedTo;
    private ForgeQuota? _quota;
    private int _requests;
    private int _charged;

    /// <summary>Counts.</summary>
    /// <param name="repository">The repository, as its object is now.</param>
    /// <param name="known">Those that unfinished tasks have on record.</param>
    /// <param name="cancellationToken">Abandons the count.</param>
    /// <exception cref="ForgeException">The forge does not say.</exception>
    public Task<PullRequestCount> CountAsync(
        AgentRepository repository, IReadOnlyDictionary<long, PullRequestState> known, CancellationToken cancellationToken)
    {
        // An object that is edited, and edited back, is counted anew while the count before is still under way.
        lock (_gate)
        {
            var count = CountAsync(_last, repository, known, cancellationToken);
            _last = count;
            return count;
        }
    }

    private async Task<PullRequestCount> CountAsync(
        Task last, AgentRepository repository, IReadOnlyDictionary<long, PullRequestState> known, CancellationToken cancellationToken)
    {
        await last.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        (_repository, _movedTo, _requests, _charged) = (repository, null, 0, 0);
        var open = await ListAsync(cancellationToken).ConfigureAwait(false);
        var (seen, hasMore) = await LookUpAsync(known, open, cancellationToken).ConfigureAwait(false);
        var policy = _repository.Spec.PullRequests;
        return new PullRequestCount(
            open.Values.Count(pull => pull.Matches(policy) || known.ContainsKey(pull.Number))
            + seen.Count(pull => pull.Value.State == PullRequestState.Open && !open.ContainsKey(pull.Key)))
        {
            Known = seen,
            HasMore = hasMore,
            Requests = _requests,
            Quota = _quota,
            Pause = Pause(),
            Notice = _movedTo is null ? null : $"{_movedTo.Host} has moved the repository: it is renamed or transferred, and spec.url has its old name.",
        };
    }

    /// <summary>All that are open. A list of several pages is read until a reading finds every page as the one before did: whoever closes one meanwhile
    /// moves all that follow, and one of them from a page that is yet to be read to one that has been.</summary>
    private async Task<Dictionary<long, ListedPullRequest>> ListAsync(CancellationToken cancellationToken)
    {
        var read = new List<ListedPullRequest>();
        for (var pass = 1; ; pass++)
        {
            var isSame = await ReadPagesAsync(cancellationToken).ConfigureAwait(false);
            var now = _pages.SelectMany(page => page.Pulls).ToList();
            read.AddRange(now);
            if (_pages.Count == 1 || isSame || pass == PassLimit)
            {
                // What was read last comes last: of two readings of one, it stays.
                return (isSame || _pages.Count == 1 ? now : read).GroupBy(pull => pull.Number).ToDictionary(pull => pull.Key, pull => pull.Last());
            }
        }
    }

    /// <summary>Reads the pages once.</summary>
    /// <returns>True when the same pull requests were on each as the last time.</returns>
    private async Task<bool> ReadPagesAsync(CancellationToken cancellationToken)
    {
        var isSame = true;
        var number = 0;
        for (Uri? next = forge.Page(address, 1); next is not null; number++)
        {
            var kept = number < _pages.Count && _pages[number].Address == next ? _pages[number] : null;
            var answer = await AskAsync(next, kept?.ETag, cancellationToken).ConfigureAwait(false);
            if (answer.IsNotModified && kept is null)
            {
                throw new ForgeException(Reasons.MalformedAnswer, $"{answer.Address.Host} says that nothing has changed, of what it was never asked for.");
            }

            var page = answer.IsNotModified
                ? kept!
                : new KeptPage(next, answer.Headers.ETag?.ToString(), forge.ReadPage(answer), forge.Next(answer));
            isSame &= kept is not null && kept.Pulls.Select(pull => pull.Number).SequenceEqual(page.Pulls.Select(pull => pull.Number));
            Keep(number, page);

            // A page that was full with none after it answers that nothing has changed, though there is one after it now.
            next = page.Next ?? (page.Pulls.Count >= forge.PageSize ? forge.Page(address, number + 2) : null);
            if (number >= PageLimit || _pages.Take(number + 1).Any(read => read.Address == next))
            {
                // What leads there must not be kept: "not modified" would lead there again.
                _pages.Clear();
                throw new ForgeException(
                    Reasons.MalformedAnswer, $"{answer.Address.Host} has more than {PageLimit} pages of open pull requests, or pages that lead in a circle.");
            }
        }

        isSame &= _pages.Count == number;
        _pages.RemoveRange(number, _pages.Count - number);
        return isSame;
    }

    private void Keep(int number, KeptPage page)
    {
        if (number < _pages.Count)
        {
            _pages[number] = page;
        }
        else
        {
            _pages.Add(page);
        }
    }

    /// <summary>How those stand that tasks have on record: those that are not open any more are asked for, the merged ones once.</summary>
    private async Task<(Dictionary<long, SeenPullRequest> Seen, bool HasMore)> LookUpAsync(
        IReadOnlyDictionary<long, PullRequestState> known, Dictionary<long, ListedPullRequest> open, CancellationToken cancellationToken)
    {
        Forget(known, open);
        var seen = new Dictionary<long, SeenPullRequest>();
        var left = LookUpLimit;
        foreach (var (number, recorded) in known)
        {
            var ended = _ended.GetValueOrDefault(number);
            var pull = open.GetValueOrDefault(number) ?? ended?.Pull;
            if ((pull is null || ended?.IsSure(time) == false) && recorded != PullRequestState.Merged && !_unknown.ContainsKey(number) && left-- > 0)
            {
                pull = await FindAsync(number, ended, cancellationToken).ConfigureAwait(false);
            }

            if (pull is not null)
            {
                seen[number] = new SeenPullRequest(pull.State, pull.HeadSHA);
            }
        }

        return (seen, left < 0);
    }

    private void Forget(IReadOnlyDictionary<long, PullRequestState> known, Dictionary<long, ListedPullRequest> open)
    {
        foreach (var number in _ended.Keys.Where(number => open.ContainsKey(number) || !known.ContainsKey(number)).ToList())
        {
            _ended.Remove(number);
        }

        foreach (var (number, at) in _unknown.ToList())
        {
            if (open.ContainsKey(number) || !known.ContainsKey(number) || time.GetElapsedTime(at) > UnsureAfter)
            {
                _unknown.Remove(number);
            }
        }
    }

    private async Task<ListedPullRequest?> FindAsync(long number, EndedPullRequest? kept, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await AskAsync(forge.PullRequest(address, number), kept?.ETag, cancellationToken).ConfigureAwait(false);
            var pull = answer.IsNotModified && kept is not null ? kept.Pull : forge.ReadPullRequest(answer);
            _ended.Remove(number);
            if (pull.State != PullRequestState.Open)
            {
                _ended[number] = new EndedPullRequest(pull, answer.IsNotModified ? kept?.ETag : answer.Headers.ETag?.ToString(), time.GetTimestamp());
            }

            return pull;
        }
        catch (ForgeException e) when (e.Failure.Reason == Reasons.RepositoryNotFound)
        {
            // The list was shown to us, so it is this one alone that is not there.
            _unknown[number] = time.GetTimestamp();
            _ended.Remove(number);
            return null;
        }
    }

    private async Task<ForgeAnswer> AskAsync(Uri page, string? tag, CancellationToken cancellationToken)
    {
        ForgeAnswer? answer = null;
        try
        {
            answer = await SendAsync(page, tag, false, cancellationToken).ConfigureAwait(false);
        }
        catch (ForgeException e) when (e.IsUnauthorized)
        {
            // What an App signs with may be replaced, too.
        }

        if (answer is not { Code: not HttpStatusCode.Unauthorized })
        {
            // Revoked, ended early, or replaced in the Secret a moment ago.
            answer = await SendAsync(page, tag, true, cancellationToken).ConfigureAwait(false);
        }

        var now = time.GetUtcNow();
        _quota = forge.Quota(answer, now) ?? _quota;
        _movedTo ??= answer.MovedTo;
        return answer.Code is HttpStatusCode.OK or HttpStatusCode.NotModified ? answer : throw new ForgeException(forge.Judge(answer, now));
    }

    private async Task<ForgeAnswer> SendAsync(Uri page, string? tag, bool isRefused, CancellationToken cancellationToken)
    {
        var credentials = await secrets.ReadAsync(_repository, isRefused, cancellationToken).ConfigureAwait(false);
        var authorization = await forge.AuthorizeAsync(address, credentials, isRefused, cancellationToken).ConfigureAwait(false);
        _requests++;
        var answer = await transport.SendAsync(
            new ForgeRequest(HttpMethod.Get, page, authorization) { ETag = tag, Authorities = credentials.Authorities, Headers = forge.Headers },
            cancellationToken).ConfigureAwait(false);

        // Whoever says who he is asks for free where nothing has changed.
        _charged += answer.IsNotModified && authorization is not null ? 0 : 1;
        return answer;
    }

    /// <summary>The least pause by which what is left of the quota lasts until the next window, at the cost of this count.</summary>
    private TimeSpan? Pause() => _quota is not { } quota || quota.Reset <= time.GetUtcNow() || _charged == 0
        ? null
        : (quota.Reset - time.GetUtcNow()) * Math.Min(1, (double)_charged / Math.Max(1, quota.Remaining));

    /// <summary>A page of open pull requests.</summary>
    private sealed record KeptPage(Uri Address, string? ETag, IReadOnlyList<ListedPullRequest> Pulls, Uri? Next);

    /// <summary>A pull request that was not open when it was asked for.</summary>
    private sealed record EndedPullRequest(ListedPullRequest Pull, string? ETag, long At)
    {
        public bool IsSure(TimeProvider time) => Pull.State == PullRequestState.Merged || time.GetElapsedTime(At) <= UnsureAfter;
    }
}
