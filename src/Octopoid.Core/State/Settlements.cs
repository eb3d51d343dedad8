using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>The tasks whose status is to be written though nobody works on them: those that are to be cancelled, that a person has decided on or that
/// their flow takes on, and those whose condition <c>Claimable</c> does not tell the truth.</summary>
internal sealed class Settlements
{
    /// <summary>So few at once that claims need not queue behind a flow's ten thousand tasks when it is deleted.</summary>
    private const int AtOnce = 16;

    /// <summary>What is so for less than this is not told: objects that are applied together arrive one by one, and a claim tells more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The same when the reason stays and its sentence alone changes.</summary>
    private static readonly TimeSpan PatienceWithWords = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> _due = [];
    private readonly Dictionary<string, Condition> _unexplained = [];
    private readonly Dictionary<string, (string Reason, DateTimeOffset Due)> _delays = [];
    private readonly HashSet<string> _underWay = [];

    /// <summary>Notes that a task's status is to be written.</summary>
    public void Add(string uid) => _due.Add(uid);

    /// <summary>Notes that nothing is to be written of a task, as far as is known now.</summary>
    public void Remove(string uid)
    {
        _due.Remove(uid);
        _unexplained.Remove(uid);
    }

    /// <summary>Notes that a task waits no more, or is gone.</summary>
    public void Forget(string uid)
    {
        Remove(uid);
        _delays.Remove(uid);
    }

    /// <summary>Compares what a waiting task tells of itself with what is so.</summary>
    /// <param name="task">The task.</param>
    /// <param name="held">What it waits for; null: a free slot, or time.</param>
    /// <param name="now">The time.</param>
    /// <returns>When to look again; null when all is well, or is due now.</returns>
    public DateTimeOffset? Explain(ObservedTask task, Eligibility.Held? held, DateTimeOffset now)
    {
        var uid = task.Metadata.Uid;
        var told = task.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Claimable);
        if (Wanted(held, told) is not { } wanted
            || (told?.Status == wanted.Status && told?.Reason == wanted.Reason && told?.Message == wanted.Message))
        {
            _delays.Remove(uid);
            return null;
        }

        if (!_delays.TryGetValue(uid, out var delay) || delay.Reason != wanted.Reason)
        {
            _delays[uid] = delay = (wanted.Reason!, now + (told?.Reason == wanted.Reason ? PatienceWithWords : Patience));
        }

        if (delay.Due > now)
        {
            return delay.Due;
        }

        _unexplained[uid] = wanted;
        return null;
    }

    /// <summary>Those to be written now, each once until <see cref="End"/>.</summary>
    public IReadOnlyList<(string Uid, Condition? Claimable)> Take()
    {
        List<(string Uid, Condition? Claimable)> taken =
        [
            .. _due.Select(uid => (uid, (Condition?)null)).Concat(_unexplained.Select(pair => (pair.Key, (Condition?)pair.Value)))
                .Where(pair => !_underWay.Contains(pair.Item1))
                .Take(AtOnce - _underWay.Count),
        ];
        foreach (var (uid, _) in taken)
        {
            _underWay.Add(uid);
            Remove(uid);
        }

        return taken;
    }

    /// <summary>Notes that a write has ended, well or not.</summary>
    public void End(string uid) => _underWay.Remove(uid);

    /// <summary>Notes that the clock was set back.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step)
    {
        foreach (var (uid, delay) in _delays.ToList())
        {
            _delays[uid] = delay with { Due = delay.Due + step };
        }
    }

    /// <summary>What a task should tell; null when it may say nothing. One that waits for a slot alone is never written to, but to take back what
    /// it said.</summary>
    private static Condition? Wanted(Eligibility.Held? held, Condition? told) => held is not null
        ? new Condition { Type = ConditionTypes.Claimable, Status = ConditionStatus.False, Reason = held.Reason, Message = held.Message }
        : told is null or { Status: ConditionStatus.True } ? null
        : new Condition
        {
            Type = ConditionTypes.Claimable, Status = ConditionStatus.True, Reason = Reasons.Claimable, Message = "It waits for a free slot alone, from status.nextEligibleTime on.",
        };
}
