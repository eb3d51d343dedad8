namespace Octopoid.Kubernetes.Events;

/// <summary>
/// How often each object is written about: 25 times at once, and one more each 5 minutes, as client-go's spam filter has it. An object
/// that fails in ever new words would else fill etcd, where Events live for an hour. For one thread at a time.
/// </summary>
/// <param name="capacity">How many objects are known at most. One that is forgotten begins anew.</param>
internal sealed class ObjectLimits(int capacity)
{
    private const int Burst = 25;

    /// <summary>How long until another write is allowed.</summary>
    public static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly RecentlyUsed<ObjectReference, Bucket> _buckets = new(capacity);

    public int Count => _buckets.Count;

    /// <summary>True when there may be one more write; it is then taken.</summary>
    /// <param name="regarding">The object.</param>
    /// <param name="now">The time on a clock that never goes back.</param>
    public bool TryTake(ObjectReference regarding, TimeSpan now)
    {
        if (!_buckets.TryUse(regarding, out var bucket))
        {
            bucket = new Bucket { FullAt = now };
            _buckets.Add(regarding, bucket);
        }

        if (UntilNext(bucket, now) > TimeSpan.Zero)
        {
            return false;
        }

        bucket.FullAt = (bucket.FullAt > now ? bucket.FullAt : now) + Refill;
        return true;
    }

    /// <summary>How long until there may be one more write.</summary>
    public TimeSpan UntilNext(ObjectReference regarding, TimeSpan now) =>
        _buckets.TryUse(regarding, out var bucket) ? UntilNext(bucket, now) : TimeSpan.Zero;

    /// <summary>Forgets those that are full again: they are as good as new.</summary>
    public void Sweep(TimeSpan now) => _buckets.RemoveWhile(bucket => bucket.FullAt <= now);

    private static TimeSpan UntilNext(Bucket bucket, TimeSpan now)
    {
        var wait = bucket.FullAt - now - (Refill * (Burst - 1));
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private sealed class Bucket
    {
        /// <summary>When all writes are allowed again: the one number that says how many are now.</summary>
        public required TimeSpan FullAt { get; set; }
    }
}
