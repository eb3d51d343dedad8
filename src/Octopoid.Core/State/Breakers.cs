using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.State;

/// <summary>
/// Which blueprints' agents cannot be started (DESIGN §4). After <c>startFailureThreshold</c> start failures in a row a blueprint is degraded: it claims one
/// task at a time, a probe, at growing intervals, until an agent's container has started.
/// </summary>
internal sealed class Breakers
{
    /// <summary>Between probes: at first, and at last. In between each is as long as all before it together, so they double.</summary>
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LastInterval = TimeSpan.FromMinutes(15);

    private readonly Dictionary<NamespacedName, Breaker> _breakers = [];
    private readonly List<BreakerTurn> _turns = [];

    /// <summary>Why a blueprint is degraded, and until when it waits; null when it is not.</summary>
    public Breaker? FindOpen(NamespacedName blueprint) => _breakers.GetValueOrDefault(blueprint) is { Since: not null } open ? open : null;

    /// <summary>How many tasks a blueprint may claim now: any number, or one, or none.</summary>
    public int Allowance(NamespacedName blueprint, DateTimeOffset now) => FindOpen(blueprint) is not { } open ? int.MaxValue
        : open.Probe is null && open.NextProbe <= now ? 1
        : 0;

    /// <summary>Takes in a blueprint. What its own status tells of a leader before us is believed once, when it is first seen.</summary>
    /// <returns>When its next probe is due; null when it is not degraded.</returns>
    public DateTimeOffset? See(AgentBlueprint? previous, AgentBlueprint? current, DateTimeOffset now)
    {
        var key = BlueprintRules.Key((current ?? previous)!);
        if (current is null)
        {
            _breakers.Remove(key);
            return null;
        }

        if (previous is null
            && current.Status?.Conditions?.FirstOrDefault(condition => condition.Type == ConditionTypes.Degraded) is { Status: ConditionStatus.True } told)
        {
            _breakers.TryAdd(key, new Breaker
            {
                Since = told.LastTransitionTime ?? now, NextProbe = current.Status.NextProbeTime ?? now, Cause = told.Message ?? "",
            });
        }
        else if (previous is not null && previous.Metadata.Generation != current.Metadata.Generation && FindOpen(key) is { } open)
        {
            // Somebody has mended it, perhaps.
            open.NextProbe = now;
        }

        return FindOpen(key)?.NextProbe;
    }

    /// <summary>An attempt could not start.</summary>
    /// <param name="blueprint">Its blueprint.</param>
    /// <param name="cause">Why, a sentence.</param>
    /// <param name="threshold">Failures in a row that make a blueprint degraded.</param>
    /// <param name="now">The time.</param>
    /// <returns>When its next probe is due; null when it is not degraded.</returns>
    public DateTimeOffset? Fail(NamespacedName blueprint, string cause, int threshold, DateTimeOffset now)
    {
        if (!_breakers.TryGetValue(blueprint, out var breaker))
        {
            _breakers[blueprint] = breaker = new Breaker();
        }

        breaker.Failures++;
        if (breaker.Since is not null || breaker.Failures >= threshold)
        {
            breaker.Cause = breaker.Failures == 1
                ? $"An attempt could not start: {cause}"
                : $"{breaker.Failures} attempts in a row could not start, the last one so: {cause}";
        }

        if (breaker.Since is null && breaker.Failures >= threshold)
        {
            breaker.Since = now;
            breaker.NextProbe = now + FirstInterval;
            _turns.Add(new BreakerTurn(blueprint, true, breaker.Cause));
        }

        return breaker.Since is null ? null : breaker.NextProbe;
    }

    /// <summary>An agent's container has started.</summary>
    /// <param name="slot">Its slot.</param>
    public void Succeed(Slot slot)
    {
        // What a leader before us started, and before the trouble began, tells nothing of it.
        if (slot.ClaimedTask is null && FindOpen(slot.Blueprint) is { } open && !(slot.ClaimedAt >= open.Since))
        {
            return;
        }

        if (_breakers.Remove(slot.Blueprint, out var breaker) && breaker.Since is not null)
        {
            _turns.Add(new BreakerTurn(slot.Blueprint, false, "An agent has started, so tasks are claimed again."));
        }
    }

    /// <summary>A slot was taken: of a degraded blueprint, it is the probe.</summary>
    public void Occupy(Slot slot, DateTimeOffset now)
    {
        if (FindOpen(slot.Blueprint) is { } open)
        {
            var passed = now - open.Since!.Value;
            open.Probe = slot.TaskUid;
            open.NextProbe = now + (passed < FirstInterval ? FirstInterval : passed > LastInterval ? LastInterval : passed);
        }
    }

    /// <summary>A slot was taken that a leader before us has claimed: of a blueprint that was degraded by then, it is the probe, which its status may not tell yet.</summary>
    public void Find(Slot slot)
    {
        if (FindOpen(slot.Blueprint) is { Since: { } since } open && !slot.HasStarted && slot.ClaimedAt is { } claimedAt && claimedAt >= since)
        {
            Occupy(slot, claimedAt);
        }
    }

    /// <summary>A slot was given back.</summary>
    public void Release(Slot slot, DateTimeOffset now)
    {
        if (FindOpen(slot.Blueprint) is { } open && open.Probe == slot.TaskUid)
        {
            open.Probe = null;
            if (slot.Phase == SlotPhase.Claiming && open.NextProbe > now)
            {
                // Its claim was refused, so nothing was tried.
                open.NextProbe = now;
            }
        }
    }

    /// <summary>The blueprints that have become degraded, or well again, since this was last called.</summary>
    public IReadOnlyList<BreakerTurn> TakeTurns()
    {
        BreakerTurn[] turns = [.. _turns];
        _turns.Clear();
        return turns;
    }

    /// <summary>Notes that the clock was set back.</summary>
    /// <param name="step">By how much, less than zero.</param>
    public void SetBack(TimeSpan step)
    {
        foreach (var breaker in _breakers.Values)
        {
            (breaker.Since, breaker.NextProbe) = (breaker.Since + step, breaker.NextProbe + step);
        }
    }

    /// <summary>How a blueprint's starts have gone.</summary>
    internal sealed class Breaker
    {
        /// <summary>Start failures in a row.</summary>
        public int Failures { get; set; }

        /// <summary>Since when it is degraded; null when it is not.</summary>
        public DateTimeOffset? Since { get; set; }

        /// <summary>When the next probe may start.</summary>
        public DateTimeOffset NextProbe { get; set; }

        /// <summary>The task whose attempt is the probe; null when none is under way.</summary>
        public string? Probe { get; set; }

        /// <summary>Why, a sentence.</summary>
        public string Cause { get; set; } = "";
    }
}
