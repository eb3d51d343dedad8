using Octopoid.Core.Admission;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>What has been kept long enough: Jobs whose result is recorded, and, where that is asked for, tasks that have ended.</summary>
/// <param name="state">All that is known.</param>
internal sealed class Retention(ClusterState state)
{
    /// <summary>So few in a second that ten thousand old Jobs at a start hold up no claim.</summary>
    private const int InASecond = 20;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>What is still in use, or was not removed, is looked at again after this.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMinutes(1);

    private readonly PriorityQueue<(NamespacedName Job, string Uid), DateTimeOffset> _jobs = new();
    private readonly PriorityQueue<string, DateTimeOffset> _done = new();
    private readonly PriorityQueue<string, DateTimeOffset> _failed = new();
    private readonly HashSet<string> _noted = [];
    private RetentionPolicy _policy = new();
    private DateTimeOffset _notBefore = DateTimeOffset.MinValue;

    /// <summary>When something will have been kept long enough; null when nothing will.</summary>
    public DateTimeOffset? Next => new[] { Due(_jobs, _policy.JobSeconds), Due(_done, _policy.DoneSeconds), Due(_failed, _policy.FailedSeconds) }.Min() is { } due
        ? due < _notBefore ? _notBefore : due
        : null;

    /// <summary>Takes in how long to keep what.</summary>
    public void See(RetentionPolicy? policy, IEnumerable<ObservedTask> tasks)
    {
        var before = _policy;
        _policy = policy ?? new RetentionPolicy();
        if ((before.DoneSeconds, before.FailedSeconds) != (_policy.DoneSeconds, _policy.FailedSeconds))
        {
            // Where tasks are kept for ever, as they usually are, nobody keeps a list of them.
            _done.Clear();
            _failed.Clear();
            _noted.Clear();
            foreach (var task in tasks)
            {
                See(task);
            }
        }
    }

    /// <summary>Takes in a Job.</summary>
    public void See(ObservedJob? previous, ObservedJob? current, DateTimeOffset now)
    {
        if (previous?.TerminalCondition is null && current?.TerminalCondition is { } ended)
        {
            _jobs.Enqueue((new NamespacedName(current.Metadata.Namespace, current.Metadata.Name), current.Metadata.Uid), ended.At ?? now);
        }
    }

    /// <summary>Takes in a task.</summary>
    public void See(ObservedTask task)
    {
        if (Queue(task) is var (queue, seconds) && seconds is not null && EndOf(task) is { } end && _noted.Add(task.Metadata.Uid))
        {
            queue.Enqueue(task.Metadata.Uid, end);
        }
    }

    /// <summary>What is to be removed now.</summary>
    public IReadOnlyList<Decision.Remove> Take(DateTimeOffset now)
    {
        var removals = new List<Decision.Remove>();
        if (now < _notBefore)
        {
            return removals;
        }

        while (removals.Count < InASecond && Due(_jobs, _policy.JobSeconds) <= now)
        {
            var (key, uid) = _jobs.Dequeue();
            if (state.Children.FindJob(key) is { TerminalCondition: not null } job && job.Metadata.Uid == uid)
            {
                // Until it is gone, or free to go.
                _jobs.Enqueue((key, uid), now + Again - TimeSpan.FromSeconds(_policy.JobSeconds));
                if (IsRecorded(job, key))
                {
                    removals.Add(new Decision.RemoveJob(key, uid));
                }
            }
        }

        foreach (var (queue, seconds) in new[] { (_done, _policy.DoneSeconds), (_failed, _policy.FailedSeconds) })
        {
            while (removals.Count < InASecond && Due(queue, seconds) <= now)
            {
                var uid = queue.Dequeue();
                _noted.Remove(uid);
                if (!state.TryFindTask(uid, out var task))
                {
                    continue;
                }

                if (Queue(task)?.Queue != queue || EndOf(task) is not { } end || end + TimeSpan.FromSeconds(seconds!.Value) > now)
                {
                    See(task); // it has begun again since it was noted, and perhaps ended anew
                    continue;
                }

                queue.Enqueue(uid, now + Again - TimeSpan.FromSeconds(seconds.Value));
                _noted.Add(uid);
                if (!state.IsNeeded(task) && state.Ledger.Find(uid) is null && task.Metadata.DeletionTimestamp is null)
                {
                    removals.Add(new Decision.RemoveTask(task.Metadata.Key(), uid, task.Metadata.ResourceVersion));
                }
            }
        }

        if (removals.Count > 0)
        {
            _notBefore = now + Second;
        }

        return removals;
    }

    /// <summary>Notes that the clock was set back.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step) => _notBefore = _notBefore > DateTimeOffset.MinValue ? _notBefore + step : _notBefore;

    /// <summary>True when a Job's attempt is over and on record, or its task is gone: nobody will look at it again but to read its log.</summary>
    private bool IsRecorded(ObservedJob job, NamespacedName key) =>
        !job.Metadata.IsBeingDeleted
        && job.Metadata is { TaskUid: { } taskUid, Attempt: { } attempt }
        && job.Metadata.IsOwnedBy(taskUid)
        && state.Ledger.FindByJob(key) is null
        && (!state.TryFindTask(taskUid, out var task) || task.Status?.Claim?.Attempt != attempt);

    private (PriorityQueue<string, DateTimeOffset> Queue, int? Seconds)? Queue(ObservedTask task) => task.State() switch
    {
        FlowStates.Done => (_done, _policy.DoneSeconds),
        FlowStates.Failed or FlowStates.Cancelled => (_failed, _policy.FailedSeconds),
        _ => null,
    };

    private static DateTimeOffset? EndOf(ObservedTask task)
    {
        var type = task.State() == FlowStates.Failed ? ConditionTypes.Failed : ConditionTypes.Complete;
        return FlowRules.IsTerminal(task.State())
            ? task.Status?.Conditions?.FirstOrDefault(condition => condition.Type == type)?.LastTransitionTime
            : null;
    }

    private static DateTimeOffset? Due<T>(PriorityQueue<T, DateTimeOffset> queue, int? seconds) =>
        seconds is { } kept && queue.TryPeek(out _, out var time) ? time + TimeSpan.FromSeconds(kept) : null;
}
