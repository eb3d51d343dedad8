namespace Octopoid.Kubernetes.Events;

/// <summary>One Event and its repetitions. Guarded by the ledger's lock, but for name and namespace, which are the sender's.</summary>
internal sealed class EventSeries
{
    /// <summary>What is said again later than this is a new Event (KEP-383).</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(6);

    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(10);

    private TimeSpan _interval = FirstInterval;

    public EventSeries(EventContent content, string? resourceVersion, DateTimeOffset at, TimeSpan now)
    {
        (Content, ResourceVersion, First, Last, Begun, Seen) = (content, resourceVersion, at, at, now, now);
        Name = EventText.NewName(content.Regarding.Name);
    }

    public EventContent Content { get; }

    /// <summary>The object's version when it was said first.</summary>
    public string? ResourceVersion { get; }

    /// <summary>The Event's name.</summary>
    public string Name { get; private set; }

    /// <summary>The Event's namespace; null when there is no Event yet.</summary>
    public string? Namespace { get; set; }

    /// <summary>When it was said first.</summary>
    public DateTimeOffset First { get; }

    /// <summary>When it was said last.</summary>
    public DateTimeOffset Last { get; private set; }

    /// <summary>When it was said first, on the ledger's clock.</summary>
    public TimeSpan Begun { get; }

    /// <summary>When it was said last, on the ledger's clock.</summary>
    public TimeSpan Seen { get; private set; }

    /// <summary>How often it was said.</summary>
    public int Count { get; private set; } = 1;

    /// <summary>How often the API server knows it was said; 0 when there is no Event yet.</summary>
    public int Written { get; set; }

    /// <summary>The earliest time of the next write.</summary>
    public TimeSpan NotBefore { get; private set; }

    /// <summary>True while it waits to be written, or is being written.</summary>
    public bool IsBusy { get; set; }

    /// <summary>True when the ledger knows it no longer: nothing more will be added.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>True when nothing was said for so long that saying it again begins anew. Not before all that was said is written: so an outage
    /// loses no count.</summary>
    public bool HasEnded(TimeSpan now) => Written == Count && IsQuiet(now);

    /// <summary>True when it has not been said for so long.</summary>
    public bool IsQuiet(TimeSpan now) => now - Seen >= Window;

    public void Repeat(DateTimeOffset at, TimeSpan now)
    {
        Count += Count < int.MaxValue ? 1 : 0;
        (Last, Seen) = (at, now);
    }

    public void Rename() => Name = EventText.NewName(Content.Regarding.Name);

    /// <summary>
    /// The pause until the next write doubles: the longer something repeats, the less one more says, and each write is one of etcd's and of
    /// every watch of Events. It ends at the rate that <see cref="ObjectLimits"/> allows for ever.
    /// </summary>
    public void Pause(TimeSpan now)
    {
        NotBefore = now + _interval;
        _interval = _interval * 2 < ObjectLimits.Refill ? _interval * 2 : ObjectLimits.Refill;
    }
}
