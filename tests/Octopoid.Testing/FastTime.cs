using System.Diagnostics;

namespace Octopoid.Testing;

/// <summary>A clock that runs faster than the wall's: what waits for minutes is tried in a moment, with real threads and real sockets.</summary>
/// <remarks>A timer is never early on it, so that a test may hold a pause to its length.</remarks>
/// <param name="factor">How many times faster.</param>
public sealed class FastTime(int factor) : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow();
    private readonly long _startTimestamp = Stopwatch.GetTimestamp();

    /// <inheritdoc/>
    public override long TimestampFrequency => Stopwatch.Frequency;

    /// <summary>How long it has run, on itself.</summary>
    public TimeSpan Elapsed => GetElapsedTime(_startTimestamp);

    /// <inheritdoc/>
    public override long GetTimestamp() => _startTimestamp + ((Stopwatch.GetTimestamp() - _startTimestamp) * factor);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + Elapsed;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, callback, state, dueTime, period);

    /// <summary>The system's timers count whole milliseconds, by a clock that is some of them late: they may fire early by our measure.</summary>
    private TimeSpan Real(TimeSpan span) => TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling(span.TotalMilliseconds / factor)));

    private sealed class Timer : ITimer
    {
        private readonly FastTime _time;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly Lock _gate = new();
        private readonly ITimer _real;
        private TimeSpan? _due;
        private TimeSpan _period;

        public Timer(FastTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_time, _callback, _state) = (time, callback, state);
            _real = System.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                _period = period;
                return Await(dueTime == Timeout.InfiniteTimeSpan ? null : _time.Elapsed + dueTime);
            }
        }

        public void Dispose() => _real.Dispose();

        public ValueTask DisposeAsync() => _real.DisposeAsync();

        private bool Await(TimeSpan? due)
        {
            _due = due;
            return _real.Change(due is { } at ? _time.Real(at - _time.Elapsed) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        private void Fire()
        {
            lock (_gate)
            {
                if (_due is not { } due || due > _time.Elapsed)
                {
                    // Early, or put off in the meantime.
                    Await(_due);
                    return;
                }

                Await(_period > TimeSpan.Zero ? due + _period : null);
            }

            _callback(_state);
        }
    }
}
