namespace Octopoid.Kubernetes.Tests;

/// <summary>A clock that runs faster than the wall's.</summary>
/// <param name="factor">How many times faster.</param>
internal sealed class FastClock(int factor) : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    public override long TimestampFrequency => System.TimestampFrequency;

    public override long GetTimestamp() => _start + ((System.GetTimestamp() - _start) * factor);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(factor, System.CreateTimer(callback, state, Real(dueTime, factor), Real(period, factor)));

    private static TimeSpan Real(TimeSpan span, int factor) => span > TimeSpan.Zero ? span / factor : span;

    private sealed class Timer(int factor, ITimer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(Real(dueTime, factor), Real(period, factor));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
