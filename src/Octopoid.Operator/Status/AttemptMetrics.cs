using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.Outcomes;
using Octopoid.Core.State;

namespace Octopoid.Operator.Status;

/// <summary>Counts and times attempts: how long tasks waited, how fast a free slot is used, how attempts end.</summary>
internal sealed class AttemptMetrics
{
    private readonly ConcurrentDictionary<(string TaskUid, int Attempt), Start> _starts = new();
    private readonly TimeProvider _time;
    private readonly Histogram<double> _waited;
    private readonly Histogram<double> _claimToJob;
    private readonly Histogram<double> _turnaround;
    private readonly Counter<long> _started;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _conflicts;

    public AttemptMetrics(IMeterFactory meters, TimeProvider time)
    {
        _time = time;
        var meter = meters.Create("octopoid");
        _waited = Times("octopoid.task.wait", "From when a task was made, moved on, or its back-off was over, to its claim; time in which it was suspended or blocked is in it.", [1, 5, 15, 60, 300, 900, 3600, 14400, 43200, 86400, 604800]);
        double[] fast = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];
        _claimToJob = Times("octopoid.claim_to_job", "From the beginning of the cycle that claims a task to the API server's word that its Job is made.", fast);
        _turnaround = Times("octopoid.slot.turnaround", "From the beginning of the cycle that gives a slot back to the API server's word that the Job of the task which had to wait for it is made.", fast);
        _started = meter.CreateCounter<long>("octopoid.attempts.started", "{attempt}", "Jobs of attempts that were made.");
        _ended = meter.CreateCounter<long>("octopoid.attempts.ended", "{attempt}", "Attempts whose end was recorded, by outcome, and by the class of what ended those that failed.");
        _conflicts = meter.CreateCounter<long>("octopoid.claim.conflicts", "{claim}", "Claims that were refused because the task had changed since it was seen.");
        _conflicts.Add(0);

        Histogram<double> Times(string name, string description, double[] buckets) => meter.CreateHistogram(
            name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });
    }

    /// <summary>Takes in what a cycle has decided.</summary>
    /// <param name="decisions">The decisions.</param>
    /// <param name="ledger">The slots in use after it.</param>
    /// <param name="begun">When it began, a timestamp of the clock.</param>
    public void Decided(IReadOnlyList<Decision> decisions, Ledger ledger, long begun)
    {
        foreach (var claim in decisions.OfType<Decision.Claim>())
        {
            _starts[Key(claim.Slot)] = new Start(begun, claim.IsRefill);
        }

        // A task may be deleted between its claim and its Job: its slot leaves, and nobody tells. Few are under way at once.
        foreach (var (key, _) in _starts)
        {
            if (ledger.Find(key.TaskUid)?.Attempt != key.Attempt)
            {
                _starts.TryRemove(key, out _);
            }
        }
    }

    /// <summary>A claim stands.</summary>
    /// <param name="claim">The claim, with the task as it was.</param>
    /// <param name="task">The task as the API server answered: whole.</param>
    public void Claimed(Decision.Claim claim, AgentTask task)
    {
        // The last entries are from before the claim, which adds none, but takes the end of the back-off off.
        var since = new[]
        {
            task.Metadata.CreationTimestamp, Last(task.Status?.History)?.Time, Last(task.Status?.Attempts)?.End,
            claim.Task.Status?.NextEligibleTime,
        }.Max();
        if (claim.Slot.ClaimedAt - since is { } waited)
        {
            _waited.Record(Math.Max(0, waited.TotalSeconds), Labels(claim.Slot));
        }
    }

    /// <summary>A claim does not stand.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="isConflict">True when the task had changed.</param>
    public void Refused(Slot slot, bool isConflict)
    {
        _starts.TryRemove(Key(slot), out _);
        if (isConflict)
        {
            _conflicts.Add(1);
        }
    }

    /// <summary>The Job of an attempt is made.</summary>
    /// <param name="slot">Its slot.</param>
    public void Started(Slot slot)
    {
        _started.Add(1, Labels(slot));
        if (_starts.TryRemove(Key(slot), out var start))
        {
            var seconds = _time.GetElapsedTime(start.At).TotalSeconds;
            _claimToJob.Record(seconds, Labels(slot));
            if (start.IsRefill)
            {
                _turnaround.Record(seconds, Labels(slot));
            }
        }
    }

    /// <summary>The end of an attempt is recorded.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="end">Its end.</param>
    public void Ended(Slot slot, AttemptEnd end)
    {
        _starts.TryRemove(Key(slot), out _);
        _ended.Add(1, [.. Labels(slot), new("outcome", Word(end.Outcome)), new("class", end.Class is { } kind ? Word(kind) : "")]);
    }

    /// <summary>Forgets what is under way: the term is over.</summary>
    public void Clear() => _starts.Clear();

    private static (string TaskUid, int Attempt) Key(Slot slot) => (slot.TaskUid, slot.Attempt);

    /// <summary>The word that the task's status has for it.</summary>
    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    private static T? Last<T>(IReadOnlyList<T>? list)
        where T : class => list is { Count: > 0 } ? list[^1] : null;

    private static KeyValuePair<string, object?>[] Labels(Slot slot) =>
        [new("namespace", slot.Blueprint.Namespace), new("blueprint", slot.Blueprint.Name)];

    /// <summary>A start under way.</summary>
    /// <param name="At">When the cycle began that decided on it, a timestamp of the clock.</param>
    /// <param name="IsRefill">True when it had to wait for a slot that the same cycle gave back.</param>
    private readonly record struct Start(long At, bool IsRefill);
}
