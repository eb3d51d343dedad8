namespace Octopoid.Kubernetes.Leases;

/// <summary>One term of leadership: from winning the Lease until it is lost or given up. Safe for use by several threads at once.</summary>
public sealed class Leadership : IDisposable
{
    private readonly TimeProvider _time;
    private readonly TimeSpan _renewDeadline;
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private long _renewedAt;

    internal Leadership(long epoch, long renewedAt, LeaderElectionOptions options, TimeProvider time)
    {
        Epoch = epoch;
        Lost = _lost.Token;
        WriteTimeout = options.WriteTimeout;
        _time = time;
        _renewDeadline = options.RenewDeadline;
        _renewedAt = renewedAt;
        _timer = time.CreateTimer(_ => LoseIfOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        LoseIfOver();
    }

    /// <summary>The term's number, the Lease's <c>leaseTransitions</c>: higher than that of every term before.</summary>
    public long Epoch { get; }

    /// <summary>How long a write of this term may take (<see cref="LeaderElectionOptions.WriteTimeout"/>).</summary>
    public TimeSpan WriteTimeout { get; }

    /// <summary>Cancelled when the term is over without our wish, before anyone else can hold the Lease. A process that was stopped and goes on
    /// learns of it a moment late: before each act that needs leadership, ask <see cref="Slack"/>.</summary>
    public CancellationToken Lost { get; }

    /// <summary>How much longer leadership is certain without another renewal, by the monotonic clock, now; zero when it is lost.</summary>
    public TimeSpan Slack
    {
        get
        {
            if (Lost.IsCancellationRequested)
            {
                return TimeSpan.Zero;
            }

            var slack = _renewDeadline - _time.GetElapsedTime(Volatile.Read(ref _renewedAt));
            return slack > TimeSpan.Zero ? slack : TimeSpan.Zero;
        }
    }

    /// <summary>True while leadership is certain.</summary>
    public bool IsHeld => Slack > TimeSpan.Zero;

    /// <inheritdoc/>
    public void Dispose()
    {
        Lose();
        lock (_gate)
        {
            // The token's source has nothing to dispose of, and the timer may be ringing.
            _timer.Dispose();
        }
    }

    /// <summary>Notes a renewal. One that comes too late renews nothing: others may have counted us out.</summary>
    /// <param name="sentAt">When its request was begun, by the clock's timestamps.</param>
    internal void Renew(long sentAt)
    {
        lock (_gate)
        {
            if (IsHeld)
            {
                Volatile.Write(ref _renewedAt, sentAt);
            }
        }

        LoseIfOver();
    }

    /// <summary>Ends the term.</summary>
    internal void Lose() => _lost.Cancel();

    /// <summary>Ends the term if its time is over; else looks again when it will be.</summary>
    internal void LoseIfOver()
    {
        lock (_gate)
        {
            if (Slack is var slack && slack > TimeSpan.Zero)
            {
                _timer.Change(slack + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Lose();
    }
}
