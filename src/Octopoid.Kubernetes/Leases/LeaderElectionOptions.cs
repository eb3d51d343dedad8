namespace Octopoid.Kubernetes.Leases;

/// <summary>Which Lease elects the leader, who stands for election, and how soon one follows another.</summary>
public sealed record LeaderElectionOptions
{
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan LongestRequest = TimeSpan.FromSeconds(5);

    /// <summary>The Lease's namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>The Lease's name.</summary>
    public required string Name { get; init; }

    /// <summary>Who we are: unique to this process, or two would hold the Lease at once.</summary>
    public required string Identity { get; init; }

    /// <summary>How long others leave a Lease to a holder that does not renew it. Whole seconds, at least 3; 15 unless said. Shorter hands over
    /// sooner after a crash, but loses leadership to shorter outages of the API server.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long after the start of its last good renewal a holder still counts itself leader: two thirds of <see cref="LeaseDuration"/>. The
    /// third between is what a slow clock, a late timer or a write under way may take.</summary>
    public TimeSpan RenewDeadline => LeaseDuration * 2 / 3;

    /// <summary>How long a write of a leader may take: 3 s, or a quarter of a short <see cref="LeaseDuration"/>. Less than the third that
    /// is left when the lead is lost, so that a write sent while it was certain is over before anybody else leads.</summary>
    public TimeSpan WriteTimeout => LeaseDuration / 4 < LongestWrite ? LeaseDuration / 4 : LongestWrite;

    /// <summary>How long a request for the Lease may take: a third of <see cref="RenewDeadline"/>, so that one which has stalled leaves time for two more
    /// tries, and 5 s at most, so that it keeps no process from ending.</summary>
    public TimeSpan RequestTimeout => RenewDeadline / 3 < LongestRequest ? RenewDeadline / 3 : LongestRequest;

    /// <summary>The pause between renewals, and the longest between looks at a Lease that somebody else holds: a tenth of
    /// <see cref="LeaseDuration"/>, so that several renewals may fail, and 1.5 s at most, so that a released Lease is soon found, however long it is.</summary>
    public TimeSpan RetryPeriod => LeaseDuration / 10 < LongestPause ? LeaseDuration / 10 : LongestPause;
}
