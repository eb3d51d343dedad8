using System.Security.Cryptography;

namespace Octopoid.Testing.Forges;

/// <summary>A repository of a <see cref="TestForge"/>. Any thread may change it at any time.</summary>
public sealed class ForgeRepository
{
    /// <summary>The branch that pull requests go to.</summary>
    public const string DefaultBranch = "main";

    /// <summary>The owner of every fork.</summary>
    public const string Contributor = "contributor";

    private readonly TestForge _forge;
    private readonly SortedDictionary<long, ForgePullRequest> _pullRequests = [];
    private readonly HashSet<string> _formerNames = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, long> _labels = new(StringComparer.OrdinalIgnoreCase);
    private string _mainSha = NewSha();
    private string _name;
    private long _lastNumber;

    internal ForgeRepository(TestForge forge, string owner, string name)
    {
        _forge = forge;
        _name = name;
        Owner = owner;
        Id = forge.NextId();
        ForkId = forge.NextId();
    }

    /// <summary>Its identifier, which no change of its name changes.</summary>
    public long Id { get; }

    /// <summary>Its owner.</summary>
    public string Owner { get; }

    /// <summary>Its name by now.</summary>
    public string Name
    {
        get
        {
            lock (_forge.Gate)
            {
                return _name;
            }
        }
    }

    /// <summary>Its owner and its name.</summary>
    public string FullName => $"{Owner}/{Name}";

    /// <summary>How many pull requests are open.</summary>
    public int OpenCount
    {
        get
        {
            lock (_forge.Gate)
            {
                return _pullRequests.Values.Count(pull => pull.IsOpen);
            }
        }
    }

    /// <summary>Its pull requests as they are now, by number.</summary>
    public IReadOnlyList<ForgePullRequest> PullRequests
    {
        get
        {
            lock (_forge.Gate)
            {
                return [.. _pullRequests.Values];
            }
        }
    }

    /// <summary>The identifier of its fork.</summary>
    internal long ForkId { get; }

    /// <summary>A pull request as it is now.</summary>
    public ForgePullRequest this[long number] =>
        Find(number) ?? throw new InvalidOperationException($"{FullName} has no pull request {number}.");

    /// <summary>Opens a pull request.</summary>
    /// <param name="branch">The branch it comes from.</param>
    /// <param name="labels">Its labels.</param>
    /// <param name="isDraft">True for a draft.</param>
    /// <param name="isFork">True when the branch is in a fork.</param>
    /// <param name="isForkGone">True when the branch was in a fork that is deleted.</param>
    /// <param name="title">Its title; null for one made of the branch.</param>
    /// <param name="into">The branch that it goes to.</param>
    /// <returns>Its number.</returns>
    public long Open(
        string branch,
        IEnumerable<string>? labels = null,
        bool isDraft = false,
        bool isFork = false,
        bool isForkGone = false,
        string? title = null,
        string into = DefaultBranch)
    {
        lock (_forge.Gate)
        {
            var now = _forge.Now;
            var pull = new ForgePullRequest
            {
                Id = _forge.NextId(),
                Number = ++_lastNumber,
                Title = title ?? $"Work on {branch}",
                Branch = branch,
                Base = into,
                HeadSha = NewSha(),
                BaseSha = _mainSha,
                Labels = [.. labels ?? []],
                IsDraft = isDraft,
                IsFork = isFork || isForkGone,
                IsForkGone = isForkGone,
                CreatedAt = now,
                UpdatedAt = now,
            };
            _pullRequests.Add(pull.Number, pull);
            return pull.Number;
        }
    }

    /// <summary>Merges an open pull request.</summary>
    public void Merge(long number) => Change(number, isOpen: true, pull =>
    {
        _mainSha = NewSha();
        return pull with { ClosedAt = _forge.Now, MergedAt = _forge.Now, MergeSha = _mainSha };
    });

    /// <summary>Closes an open pull request without a merge.</summary>
    public void Close(long number) => Change(number, isOpen: true, pull => pull with { ClosedAt = _forge.Now });

    /// <summary>Opens a closed pull request again; a merged one cannot be.</summary>
    public void Reopen(long number) => Change(number, isOpen: false, pull => pull.IsMerged
        ? throw new InvalidOperationException($"Pull request {number} of {FullName} is merged.")
        : pull with { ClosedAt = null });

    /// <summary>Pushes a commit to the branch of a pull request.</summary>
    /// <returns>The new commit.</returns>
    public string Push(long number)
    {
        var sha = NewSha();
        Change(number, isOpen: null, pull => pull with { HeadSha = sha });
        return sha;
    }

    /// <summary>Adds labels to a pull request.</summary>
    public void Label(long number, params IEnumerable<string> labels) =>
        Change(number, isOpen: null, pull => pull with { Labels = [.. pull.Labels.Union(labels, StringComparer.OrdinalIgnoreCase)] });

    /// <summary>Takes labels from a pull request.</summary>
    public void Unlabel(long number, params IEnumerable<string> labels) =>
        Change(number, isOpen: null, pull => pull with { Labels = [.. pull.Labels.Except(labels, StringComparer.OrdinalIgnoreCase)] });

    /// <summary>Makes a pull request a draft, or one that is ready.</summary>
    public void SetDraft(long number, bool isDraft) => Change(number, isOpen: true, pull => pull with { IsDraft = isDraft });

    /// <summary>Deletes the fork that a pull request's branch is in.</summary>
    public void DeleteFork(long number) => Change(number, isOpen: null, pull => pull.IsFork
        ? pull with { IsForkGone = true }
        : throw new InvalidOperationException($"Pull request {number} of {FullName} comes from no fork."));

    /// <summary>Renames the repository. Requests for the old name are redirected to its identifier.</summary>
    public void Rename(string newName)
    {
        lock (_forge.Gate)
        {
            _formerNames.Add(_name);
            _formerNames.Remove(newName);
            _name = newName;
        }
    }

    /// <summary>True when it has the name now.</summary>
    internal bool IsNamed(string owner, string name) => IsOwnedBy(owner) && string.Equals(_name, name, StringComparison.OrdinalIgnoreCase);

    /// <summary>True when it once had the name.</summary>
    internal bool WasNamed(string owner, string name) => IsOwnedBy(owner) && _formerNames.Contains(name);

    /// <summary>A pull request as it is now; null when there is none.</summary>
    internal ForgePullRequest? Find(long number)
    {
        lock (_forge.Gate)
        {
            return _pullRequests.GetValueOrDefault(number);
        }
    }

    /// <summary>The identifier of a label.</summary>
    internal long LabelId(string label)
    {
        if (!_labels.TryGetValue(label, out var id))
        {
            _labels[label] = id = _forge.NextId();
        }

        return id;
    }

    private static string NewSha() => RandomNumberGenerator.GetHexString(40, lowercase: true);

    private bool IsOwnedBy(string owner) => string.Equals(Owner, owner, StringComparison.OrdinalIgnoreCase);

    private void Change(long number, bool? isOpen, Func<ForgePullRequest, ForgePullRequest> change)
    {
        lock (_forge.Gate)
        {
            var pull = this[number];
            if (isOpen is { } must && pull.IsOpen != must)
            {
                throw new InvalidOperationException($"Pull request {number} of {FullName} is {pull.State}.");
            }

            _pullRequests[number] = change(pull) with { UpdatedAt = _forge.Now };
        }
    }
}
