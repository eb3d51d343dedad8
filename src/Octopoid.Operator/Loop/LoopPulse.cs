namespace Octopoid.Operator.Loop;

/// <summary>Whether the loop is alive: a cycle takes milliseconds, and one that takes a minute will not end.</summary>
internal sealed class LoopPulse(TimeProvider time)
{
    /// <summary>Much longer than the longest honest cycle, a hundred thousand tasks seen at once on a busy machine.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private long _began;

    /// <summary>True when a cycle hangs.</summary>
    public bool Hangs => Volatile.Read(ref _began) is not 0 and var began && time.GetElapsedTime(began) > Longest;

    /// <summary>A cycle begins.</summary>
    public void Begin() => Volatile.Write(ref _began, time.GetTimestamp());

    /// <summary>The cycle has ended; the loop waits.</summary>
    public void End() => Volatile.Write(ref _began, 0);
}
