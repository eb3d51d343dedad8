using System.Globalization;

namespace Octopoid.Simulation.Tests.Engine;

/// <summary>Virtual time: a queue of events, one thread, one seed. The same seed makes the same history.</summary>
internal sealed class World(int seed)
{
    private readonly PriorityQueue<Action, (long At, long Order)> _events = new();
    private readonly List<string> _trace = [];
    private long _order;

    /// <summary>How long the world has been going.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>The first thing that was wrong; null when nothing was.</summary>
    public string? Violation { get; private set; }

    /// <summary>What happened, a line each.</summary>
    public IReadOnlyList<string> Trace => _trace;

    /// <summary>Chance for one purpose: what one part of the world draws does not change what another draws.</summary>
    public Chance Chance(string purpose)
    {
        var hash = 2166136261u ^ (uint)seed;
        foreach (var character in purpose)
        {
            hash = (hash ^ character) * 16777619u;
        }

        return new Chance(new Random((int)(hash ^ (hash >> 15))));
    }

    /// <summary>Has something happen later; of what is due at once, the first asked for comes first.</summary>
    public void After(TimeSpan delay, Action action) =>
        _events.Enqueue(action, ((Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero)).Ticks, _order++));

    public void At(TimeSpan time, Action action) => After(time - Now, action);

    /// <summary>Lets time pass until a moment, a violation, or the end of all events.</summary>
    public void RunUntil(TimeSpan end)
    {
        while (Violation is null && _events.TryPeek(out _, out var next) && next.At <= end.Ticks)
        {
            var action = _events.Dequeue();
            Now = TimeSpan.FromTicks(next.At);
            action();
        }

        Now = end > Now ? end : Now;
    }

    public void Note(string line) => _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{Now.TotalSeconds,10:0.000}  {line}"));

    public void Violate(string invariant, string what)
    {
        if (Violation is null)
        {
            Violation = string.Create(CultureInfo.InvariantCulture, $"{invariant} at {Now.TotalSeconds:0.000} s: {what}");
            Note("VIOLATION " + Violation);
        }
    }
}
