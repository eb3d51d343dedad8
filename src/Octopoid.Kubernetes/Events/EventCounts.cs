using System.Diagnostics.Metrics;
using Octopoid.Kubernetes.Transport;

namespace Octopoid.Kubernetes.Events;

/// <summary>Counts what becomes of Events.</summary>
internal sealed class EventCounts
{
    private readonly Counter<long> _events;
    private long _dropped;
    private long _failed;

    public EventCounts(IMeterFactory meters)
    {
        ArgumentNullException.ThrowIfNull(meters);
        _events = meters.Create(ApiMetrics.MeterName).CreateCounter<long>(
            "kubernetes.client.events",
            unit: "{event}",
            description: "Events by what became of them: sent (created), series (a repetition's count written), dropped (from a full queue), "
                + "limited (too many of one object), failed (given up).");
    }

    /// <summary>Dropped so far.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Given up so far.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    public void Sent() => Add("sent");

    public void Series() => Add("series");

    public void Limit() => Add("limited");

    public void Drop()
    {
        Interlocked.Increment(ref _dropped);
        Add("dropped");
    }

    public void Fail()
    {
        Interlocked.Increment(ref _failed);
        Add("failed");
    }

    private void Add(string result) => _events.Add(1, new KeyValuePair<string, object?>("result", result));
}
