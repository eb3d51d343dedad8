using Octopoid.Core.Flows;
using Octopoid.Core.State;

namespace Octopoid.Core.PullRequests;

/// <summary>What forges have said of the pull requests that unfinished tasks have on record, and whether that is news to the task.</summary>
internal sealed class PullRequestNews
{
    private readonly Dictionary<NamespacedName, HashSet<string>> _tracked = [];
    private readonly Dictionary<string, long> _since = [];
    private readonly Dictionary<NamespacedName, PullRequestCounts.Count> _said = [];

    /// <summary>The unfinished tasks of a repository that have a pull request on record.</summary>
    /// <param name="repository">The repository.</param>
    public IReadOnlyCollection<string> TrackedIn(NamespacedName repository) => _tracked.GetValueOrDefault(repository, []);

    /// <summary>Takes in a change of a task.</summary>
    /// <param name="known">The task before; null when it is new.</param>
    /// <param name="task">The task now; null when it is gone.</param>
    /// <param name="order">How many counts have been begun: only one that is begun later knows what the task's last attempt has done.</param>
    public void See(ObservedTask? known, ObservedTask? task, long order)
    {
        var uid = (task ?? known)!.Metadata.Uid;
        var (before, after) = (Place(known), Place(task));
        if (before != after)
        {
            if (before is { } left && _tracked.TryGetValue(left, out var others) && others.Remove(uid) && others.Count == 0)
            {
                _tracked.Remove(left);
            }

            if (after is { } entered)
            {
                (_tracked.TryGetValue(entered, out var tracked) ? tracked : _tracked[entered] = []).Add(uid);
            }
        }

        if (after is null)
        {
            _since.Remove(uid);
        }
        else if (before is null || known!.Status?.PullRequest != task!.Status?.PullRequest || known.Status?.Claim != task.Status?.Claim)
        {
            _since[uid] = order;
        }
    }

    /// <summary>Takes in what a forge has said.</summary>
    /// <param name="repository">Of which repository.</param>
    /// <param name="count">What.</param>
    public void Take(NamespacedName repository, PullRequestCounts.Count count) => _said[repository] = count;

    /// <summary>Forgets what was said of a repository.</summary>
    /// <param name="repository">The repository.</param>
    public void Forget(NamespacedName repository) => _said.Remove(repository);

    /// <summary>How a task's pull request stands, where that is another way than the task has on record; null when there is no such news.</summary>
    /// <param name="task">The task.</param>
    public SeenPullRequest? Of(ObservedTask task)
    {
        return task.Status?.PullRequest is { Number: { } number } recorded
            && Place(task) is { } repository
            && _said.TryGetValue(repository, out var count)
            && count.Order > _since.GetValueOrDefault(task.Metadata.Uid)
            && count.Said.Known.TryGetValue(number, out var seen)
            && (seen.State != recorded.State || (seen.HeadSHA is not null && seen.HeadSHA != recorded.HeadSHA))
                ? seen
                : null;
    }

    private static NamespacedName? Place(ObservedTask? task) =>
        task is { Spec.Repository: { } repository, Status.PullRequest.Number: not null } && !FlowRules.IsTerminal(task.State())
            ? new NamespacedName(task.Metadata.Namespace, repository)
            : null;
}
