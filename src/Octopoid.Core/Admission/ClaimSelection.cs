using Octopoid.Core.Kinds;
using Octopoid.Core.PullRequests;
using Octopoid.Core.State;

namespace Octopoid.Core.Admission;

/// <summary>Which waiting tasks start now: as many as the limits allow, in order (DESIGN §3). Pure: it reads the state and changes nothing.</summary>
public static class ClaimSelection
{
    /// <summary>Decides.</summary>
    /// <param name="state">All that is known.</param>
    /// <param name="now">The time, which the claims bear.</param>
    public static IReadOnlyList<Decision.Claim> Decide(ClusterState state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Orchestrator is not { Spec.Paused: false } orchestrator)
        {
            return [];
        }

        var claims = new List<Decision.Claim>();
        var free = orchestrator.Spec.MaxConcurrent - state.Ledger.Count;
        if (free <= 0)
        {
            return claims;
        }

        var heads = new QueueHeads(state.Queues);
        var gate = new GateInPass(state, now);
        var pools = state.Blueprints
            .Where(blueprint => !blueprint.Spec.Paused && BlueprintRules.Violation(blueprint) is null)
            .Select(blueprint => new Pool(
                blueprint, state.Ledger.CountOf(BlueprintRules.Key(blueprint)), state.Breakers.Allowance(BlueprintRules.Key(blueprint), now)))
            .ToList();
        while (free > 0 && Next(pools, heads, gate) is var (pool, head, queue))
        {
            heads.Take(queue);
            gate.Take(pool.Blueprint, queue);
            pool.Take();
            free--;
            if (state.TryFindTask(head.Uid, out var task))
            {
                claims.Add(Claim(task, pool.Blueprint, head, now));
            }
        }

        return claims;
    }

    /// <summary>The pool that claims next and the task that it claims: fewest steps to done, then smallest share of its maximum, then the
    /// task's own order.</summary>
    private static (Pool Pool, WaitingTask Head, QueueKey Queue)? Next(List<Pool> pools, QueueHeads heads, GateInPass gate)
    {
        (Pool Pool, WaitingTask Head, QueueKey Queue)? best = null;
        foreach (var pool in pools)
        {
            if (pool.HasRoom
                && heads.Of(pool.Blueprint, gate) is var (head, queue)
                && (best is not var (rival, rivalHead, _) || Precedes(pool, head, rival, rivalHead)))
            {
                best = (pool, head, queue);
            }
        }

        return best;
    }

    private static bool Precedes(Pool pool, WaitingTask head, Pool rival, WaitingTask rivalHead)
    {
        var bySteps = head.StepsToDone.CompareTo(rivalHead.StepsToDone);
        if (bySteps != 0)
        {
            return bySteps < 0;
        }

        // a/b < c/d without rounding.
        var byShare = ((long)pool.InUse * rival.Maximum).CompareTo((long)rival.InUse * pool.Maximum);
        var byTask = byShare != 0 ? byShare : WaitingTask.Order.Compare(head, rivalHead);
        return byTask != 0
            ? byTask < 0
            : string.CompareOrdinal(pool.Blueprint.Metadata.Name, rival.Blueprint.Metadata.Name) < 0;
    }

    private static Decision.Claim Claim(ObservedTask task, AgentBlueprint blueprint, WaitingTask head, DateTimeOffset now)
    {
        var attempt = (task.Status?.Attempt ?? 0) + 1;
        var slot = new Slot(
            task.Metadata.Uid,
            task.Metadata.Key(),
            BlueprintRules.Key(blueprint),
            attempt,
            AttemptNames.Job(task.Metadata.Name, task.Metadata.Uid, attempt),
            SlotPhase.Claiming)
        {
            ClaimedAt = now,
            Condition = head.Condition,
            OpensPullRequestIn = RepositoryRules.OpensPullRequestIn(task, blueprint),
            MendsPullRequest = task.OpenPullRequest(),
        };
        return new Decision.Claim(slot, task, head.ClaimedState);
    }

    /// <summary>A blueprint, how many of its slots are in use, counting those decided on in this cycle, and how many more it may take in it.</summary>
    private sealed class Pool(AgentBlueprint blueprint, int inUse, int allowance)
    {
        private int _allowance = allowance;

        public AgentBlueprint Blueprint => blueprint;

        public int Maximum => blueprint.Spec.MaxInstances;

        public int InUse { get; private set; } = inUse;

        public bool HasRoom => InUse < Maximum && _allowance > 0;

        public void Take()
        {
            InUse++;
            _allowance--;
        }
    }

    /// <summary>The gate of open pull requests, counting the starts decided on in this cycle.</summary>
    private sealed class GateInPass(ClusterState state, DateTimeOffset now)
    {
        private readonly PullRequestGate _gate = new(state, now);
        private readonly Dictionary<string, int> _taken = [];
        private readonly Dictionary<NamespacedName, bool> _isOpen = [];
        private int _takenInAll;

        public bool Admits(AgentBlueprint blueprint, QueueKey queue)
        {
            if (!PullRequestGate.Concerns(blueprint, queue))
            {
                return true;
            }

            var repository = new NamespacedName(queue.Namespace, queue.Repository!);
            if (!_isOpen.TryGetValue(repository, out var isOpen))
            {
                var taken = (_taken.GetValueOrDefault(state.SourceOf(repository)), _takenInAll);
                _isOpen[repository] = isOpen = _gate.Judge(repository, taken) is null;
            }

            return isOpen;
        }

        public void Take(AgentBlueprint blueprint, QueueKey queue)
        {
            if (PullRequestGate.Concerns(blueprint, queue))
            {
                var source = state.SourceOf(new NamespacedName(queue.Namespace, queue.Repository!));
                _taken[source] = _taken.GetValueOrDefault(source) + 1;
                _takenInAll++;
                _isOpen.Clear();
            }
        }
    }

    /// <summary>The first task of each queue that this cycle has not taken yet.</summary>
    private sealed class QueueHeads(TaskQueues queues)
    {
        private readonly Dictionary<QueueKey, IEnumerator<WaitingTask>> _heads = [];
        private readonly HashSet<QueueKey> _spent = [];

        public (WaitingTask Head, QueueKey Queue)? Of(AgentBlueprint blueprint, GateInPass gate)
        {
            (WaitingTask Head, QueueKey Queue)? first = null;
            foreach (var queue in queues.OfRole(blueprint.Metadata.Namespace ?? "", BlueprintRules.Role(blueprint)))
            {
                if (gate.Admits(blueprint, queue) && Peek(queue) is { } head && (first is null || WaitingTask.Order.Compare(head, first.Value.Head) < 0))
                {
                    first = (head, queue);
                }
            }

            return first;
        }

        public void Take(QueueKey queue) => Advance(queue, _heads[queue]);

        private WaitingTask? Peek(QueueKey queue)
        {
            if (!_heads.TryGetValue(queue, out var head))
            {
                _heads[queue] = head = queues.In(queue).GetEnumerator();
                Advance(queue, head);
            }

            return _spent.Contains(queue) ? null : head.Current;
        }

        private void Advance(QueueKey queue, IEnumerator<WaitingTask> head)
        {
            if (!head.MoveNext())
            {
                _spent.Add(queue);
            }
        }
    }
}
