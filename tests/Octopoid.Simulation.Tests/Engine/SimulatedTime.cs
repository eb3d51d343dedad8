namespace Octopoid.Simulation.Tests.Engine;

/// <summary>A process's clock: timestamps are the world's true time, the time of day may be wrong, and timers ring when the process runs.</summary>
/// <param name="world">The world.</param>
/// <param name="schedule">Has something happen later in the process.</param>
internal sealed class SimulatedTime(World world, Action<TimeSpan, Action> schedule) : TimeProvider
{
    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private DateTimeOffset _latest = DateTimeOffset.MinValue;

    /// <summary>How much the time of day is ahead of the true one.</summary>
    public TimeSpan Offset
    {
        get;
        set
        {
            _latest = Latest;
            field = value;
        }
    }

    /// <summary>The latest time of day that it has shown: what was due by that has been due.</summary>
    public DateTimeOffset Latest => GetUtcNow() is var now && now > _latest ? now : _latest;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override long GetTimestamp() => world.Now.Ticks;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start + world.Now + Offset;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(schedule, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(Action<TimeSpan, Action> schedule, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime >= TimeSpan.Zero)
            {
                schedule(dueTime, () => Ring(setting));
            }

            return period <= TimeSpan.Zero ? true : throw new NotSupportedException("Nothing simulated rings again and again.");
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Ring(int setting)
        {
            if (setting == _setting)
            {
                callback(state);
            }
        }
    }
}
