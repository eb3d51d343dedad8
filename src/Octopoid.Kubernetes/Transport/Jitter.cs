namespace Octopoid.Kubernetes.Transport;

/// <summary>Spreads pauses at random, so that what failed together does not come back together. Safe for use by several threads at once.</summary>
/// <param name="random">Where chance comes from; used under a lock.</param>
public sealed class Jitter(Random random)
{
    private readonly Lock _gate = new();

    /// <summary>A whole number from <paramref name="minimum"/> up to but not including <paramref name="maximum"/>.</summary>
    /// <param name="minimum">The smallest.</param>
    /// <param name="maximum">One more than the largest.</param>
    public int Next(int minimum, int maximum)
    {
        lock (_gate)
        {
            return random.Next(minimum, maximum);
        }
    }

    /// <summary>A pause between half of the given one and the whole of it.</summary>
    /// <param name="pause">The longest pause.</param>
    public TimeSpan Spread(TimeSpan pause)
    {
        lock (_gate)
        {
            return pause * (0.5 + (random.NextDouble() / 2));
        }
    }
}
