using Octopoid.Kubernetes.Leases;

namespace Octopoid.Kubernetes.Tests.Leases;

public sealed class LeaderElectionOptionsTests
{
    [Theory]
    [InlineData(3, 0.3, 0.67)]
    [InlineData(15, 1.5, 3.33)]
    [InlineData(60, 1.5, 5)]
    [InlineData(3600, 1.5, 5)]
    public void However_long_a_Lease_is_it_is_looked_at_often_and_no_request_for_it_lasts(int lease, double pause, double request)
    {
        var options = new LeaderElectionOptions { Namespace = "n", Name = "l", Identity = "i", LeaseDuration = TimeSpan.FromSeconds(lease) };

        Assert.Equal(pause, options.RetryPeriod.TotalSeconds, 2);
        Assert.Equal(request, options.RequestTimeout.TotalSeconds, 2);

        // One that stalls must leave time for two more tries.
        Assert.InRange(3 * options.RequestTimeout, TimeSpan.Zero, options.RenewDeadline + TimeSpan.FromTicks(3));
    }
}
