using System.Collections.Concurrent;

namespace Octopoid.Kubernetes.Transport;

/// <summary>Tells which repetitions of a failure are worth a line in the log: the first, and then ever fewer. Safe for use by several threads at once.</summary>
/// <param name="time">The clock between repetitions.</param>
public sealed class FailureLog(TimeProvider time)
{
    private static readonly TimeSpan FirstInterval = TimeSpan.FromSeconds(10);

    /// <summary>Four lines an hour remind whoever looks at the end of a log; more would bury it.</summary>
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(15);

    /// <summary>Another failure of the same thing is news, but one that differs every time must not be a flood.</summary>
    private static readonly TimeSpan NewsInterval = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, Told> _told = new();

    /// <summary>True when a failure should be told now; it then counts as told.</summary>
    /// <param name="what">What fails, e.g. <c>watch jobs.batch</c>.</param>
    /// <param name="error">How.</param>
    public bool IsDue(string what, string error)
    {
        lock (_told)
        {
            var now = time.GetTimestamp();
            if (_told.TryGetValue(what, out var last))
            {
                var elapsed = time.GetElapsedTime(last.At, now);
                if (elapsed < (error == last.Error ? last.Interval : NewsInterval))
                {
                    return false;
                }
            }

            var interval = last is null ? FirstInterval : last.Interval * 2;
            _told[what] = new Told(error, now, interval < LongestInterval ? interval : LongestInterval);
            return true;
        }
    }

    /// <summary>Notes that it works again.</summary>
    /// <param name="what">What failed.</param>
    /// <returns>True when a failure of it had been told, so that its end should be told too.</returns>
    public bool Clear(string what) => !_told.IsEmpty && _told.TryRemove(what, out _);

    private sealed record Told(string Error, long At, TimeSpan Interval);
}
