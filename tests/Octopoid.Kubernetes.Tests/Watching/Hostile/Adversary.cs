namespace Octopoid.Kubernetes.Tests.Watching.Hostile;

/// <summary>Decides by one seed what goes wrong. Safe for use by several threads at once.</summary>
/// <remarks>The draws are the seed's; which request meets which is up to threads and sockets, so one seed is many runs that are much alike.</remarks>
internal sealed class Adversary(int seed)
{
    private static readonly (Fault, int)[] OfLists =
    [
        (Fault.None, 60), (Fault.Late, 12), (Fault.Refusal, 10), (Fault.Expiry, 3), (Fault.Reset, 4), (Fault.BlackHole, 2), (Fault.Stall, 2),
        (Fault.NoJson, 3), (Fault.CutAndReset, 3), (Fault.CutAndEnd, 3),
    ];

    private static readonly (Fault, int)[] OfWatches =
    [
        (Fault.None, 65), (Fault.Refusal, 6), (Fault.Expiry, 4), (Fault.Reset, 4), (Fault.BlackHole, 2), (Fault.Stall, 2), (Fault.NoJson, 3),
        (Fault.End, 6), (Fault.BookmarksOnly, 4), (Fault.News, 4),
    ];

    private static readonly (Fault, int)[] OfLines =
    [
        (Fault.None, 150), (Fault.CutAndReset, 3), (Fault.CutAndEnd, 3), (Fault.Reset, 2), (Fault.End, 3), (Fault.Stall, 1), (Fault.Duplicate, 6),
        (Fault.Replay, 3), (Fault.News, 3), (Fault.Late, 3),
    ];

    private readonly Random _random = new(seed);
    private readonly Lock _gate = new();

    /// <summary>True until it is told to leave the server alone. What it has done to open requests stays done.</summary>
    public bool IsActive { get; set; } = true;

    public Fault OfList() => Draw(OfLists);

    public Fault OfWatch() => Draw(OfWatches);

    public Fault OfLine() => Draw(OfLines);

    public int Next(int minimum, int maximum)
    {
        lock (_gate)
        {
            return _random.Next(minimum, maximum);
        }
    }

    public bool Chance(int percent) => Next(0, 100) < percent;

    private Fault Draw((Fault Fault, int Weight)[] weights)
    {
        var drawn = Next(0, weights.Sum(w => w.Weight));
        foreach (var (fault, weight) in weights)
        {
            if ((drawn -= weight) < 0)
            {
                return IsActive ? fault : Fault.None;
            }
        }

        return Fault.None;
    }
}
