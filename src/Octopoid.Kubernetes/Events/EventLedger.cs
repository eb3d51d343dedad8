namespace Octopoid.Kubernetes.Events;

/// <summary>
/// What was said and is not yet written. Repetitions are counted where they are said, not where they are sent: so they take no room in the
/// queue, and none is lost while the sender stands still. Safe for use by several threads at once; nothing is awaited under its lock.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="counts">Counts what is dropped and limited.</param>
internal sealed class EventLedger(TimeProvider time, EventCounts counts)
{
    /// <summary>1,000 Events not yet created, about 2 MB: what a busy minute says. Who comes to look wants the latest.</summary>
    public const int LongestQueue = 1000;

    /// <summary>4,096 series and as many objects, about 10 MB at worst: more than are spoken of in any 6 minutes but those of a flood, which this
    /// is to survive.</summary>
    public const int MostKnown = 4096;

    private readonly Lock _gate = new();
    private readonly long _start = time.GetTimestamp();
    private readonly RecentlyUsed<EventContent, EventSeries> _known = new(MostKnown);
    private readonly ObjectLimits _limits = new(MostKnown);
    private readonly Queue<EventSeries> _new = new();
    private readonly PriorityQueue<EventSeries, TimeSpan> _repeated = new();
    private TaskCompletionSource _hasMore = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many series are known.</summary>
    public int Known
    {
        get
        {
            lock (_gate)
            {
                return _known.Count;
            }
        }
    }

    private TimeSpan Now => time.GetElapsedTime(_start);

    /// <summary>Takes in what is said.</summary>
    /// <param name="content">What.</param>
    /// <param name="resourceVersion">The object's version, if that matters.</param>
    public void Add(EventContent content, string? resourceVersion)
    {
        lock (_gate)
        {
            var now = Now;
            Sweep(now);
            if (_known.TryUse(content, out var series) && !series.HasEnded(now))
            {
                series.Repeat(time.GetUtcNow(), now);
                if (!series.IsBusy)
                {
                    Schedule(series, now);
                }
            }
            else if (!_limits.TryTake(content.Regarding, now))
            {
                counts.Limit();
            }
            else
            {
                Forget(series);
                Enqueue(new EventSeries(content, resourceVersion, time.GetUtcNow(), now) { IsBusy = true });
            }
        }
    }

    /// <summary>Takes the next write, which is then to be reported to <see cref="Succeed"/> or <see cref="Fail"/>.</summary>
    /// <param name="isEnding">True when there is no later: what could wait is due as well.</param>
    /// <param name="more">When there is none: completes when there may be.</param>
    /// <param name="wait">When there is none: how long until there may be.</param>
    public EventWrite? Take(bool isEnding, out Task more, out TimeSpan wait)
    {
        lock (_gate)
        {
            var now = Now;
            while (true)
            {
                var isDue = _repeated.TryPeek(out var repeated, out var at) && (isEnding || at <= now);
                if (_new.TryPeek(out var first) && (!isDue || first.Begun < at))
                {
                    (more, wait) = (Task.CompletedTask, TimeSpan.Zero);
                    return Write(_new.Dequeue(), isNew: true);
                }

                if (!isDue)
                {
                    (more, wait) = Idle(repeated is null ? null : at - now, now);
                    return null;
                }

                _repeated.Dequeue();
                if (_limits.TryTake(repeated!.Content.Regarding, now))
                {
                    (more, wait) = (Task.CompletedTask, TimeSpan.Zero);
                    return Write(repeated, isNew: false);
                }

                counts.Limit();
                repeated.IsBusy = !isEnding;
                if (!isEnding)
                {
                    _repeated.Enqueue(repeated, now + _limits.UntilNext(repeated.Content.Regarding, now));
                }
            }
        }
    }

    /// <summary>Notes that a write has been made.</summary>
    public void Succeed(EventWrite write)
    {
        lock (_gate)
        {
            var now = Now;
            write.Series.Written = write.Count;
            if (write.Count > 1)
            {
                // The first repetition, which turns an Event into a series, is not waited for.
                write.Series.Pause(now);
            }

            Release(write.Series, now);
        }
    }

    /// <summary>Notes that a write is given up.</summary>
    /// <param name="write">The write.</param>
    /// <param name="isNew">True when there is no Event: saying it again begins anew.</param>
    /// <param name="isFinal">True when the same write would fail again: it waits for another repetition.</param>
    public void Fail(EventWrite write, bool isNew, bool isFinal)
    {
        lock (_gate)
        {
            var (series, now) = (write.Series, Now);
            if (isNew)
            {
                Forget(series);
                return;
            }

            series.Written = isFinal || series.IsQuiet(now) ? series.Count : series.Written;
            series.Pause(now);
            Release(series, now);
        }
    }

    private static EventWrite Write(EventSeries series, bool isNew) => new(series, isNew, series.Count, series.Last);

    private void Enqueue(EventSeries series)
    {
        if (_known.Add(series.Content, series) is { } evicted)
        {
            evicted.IsForgotten = true;

            // One that has yet to be created stays in the queue; a count that has yet to be written goes.
            if (evicted.IsBusy && evicted.Written > 0 && _repeated.Remove(evicted, out _, out _))
            {
                counts.Drop();
            }
        }

        if (_new.Count == LongestQueue)
        {
            Forget(_new.Dequeue());
            counts.Drop();
        }

        _new.Enqueue(series);
        _hasMore.TrySetResult();
    }

    private void Schedule(EventSeries series, TimeSpan now)
    {
        series.IsBusy = true;
        _repeated.Enqueue(series, series.NotBefore > now ? series.NotBefore : now);
        _hasMore.TrySetResult();
    }

    private void Release(EventSeries series, TimeSpan now)
    {
        series.IsBusy = false;
        if (series.Written < series.Count && !series.IsForgotten)
        {
            Schedule(series, now);
        }
    }

    private void Forget(EventSeries? series)
    {
        if (series is { IsForgotten: false })
        {
            series.IsForgotten = true;
            _known.Remove(series.Content);
        }
    }

    private (Task More, TimeSpan Wait) Idle(TimeSpan? untilDue, TimeSpan now)
    {
        Sweep(now);
        if (_hasMore.Task.IsCompleted)
        {
            _hasMore = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // Somebody has to come by to forget what has ended.
        var untilSweep = _known.Count + _limits.Count > 0 ? EventSeries.Window : Timeout.InfiniteTimeSpan;
        return (_hasMore.Task, untilDue < EventSeries.Window ? untilDue.Value : untilSweep);
    }

    private void Sweep(TimeSpan now)
    {
        _known.RemoveWhile(series =>
        {
            series.IsForgotten = series.HasEnded(now);
            return series.IsForgotten;
        });
        _limits.Sweep(now);
    }
}
