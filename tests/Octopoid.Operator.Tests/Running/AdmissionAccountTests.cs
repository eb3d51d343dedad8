using Octopoid.Testing;

namespace Octopoid.Operator.Tests.Running;

/// <summary>The witness of the other tests must see what must not be, or its silence says nothing.</summary>
public sealed class AdmissionAccountTests
{
    private static readonly Observation.Limit One = new(1, "n/b", 1, 0, 1);

    [Fact]
    public void Two_Jobs_that_overlap_by_one_write_are_over_a_limit_of_one()
    {
        var account = AdmissionAccount.Of([One, Job(4, "j1", "t1", isLive: false), Job(2, "j1", "t1"), Job(3, "j2", "t2"), Job(5, "j2", "t2", isLive: false)]);

        Assert.Equal((2, 2), (account.Peak, account.PeakOf("n/b")));
        Assert.Equal("3: with j2, 2 of n/b live; 1 may.", Assert.Single(account.Violations));
    }

    [Fact]
    public void Two_Jobs_one_after_the_other_are_not()
    {
        var account = AdmissionAccount.Of([One, Job(2, "j1", "t1"), Job(3, "j1", "t1", isLive: false), Job(4, "j2", "t2"), Job(5, "j2", "t2", isLive: false)]);

        Assert.Equal((1, 2), (account.Peak, account.Jobs));
        Assert.Empty(account.Violations);
    }

    [Fact]
    public void A_pod_that_outlives_its_Job_counts()
    {
        var account = AdmissionAccount.Of(
            [One, Job(2, "j1", "t1"), new Observation.Pod(3, "p1", "j1", IsLive: true), Job(4, "j1", "t1", isLive: false), Job(5, "j2", "t2")]);

        Assert.Equal("5: with j2, 2 of n/b live; 1 may.", Assert.Single(account.Violations));
    }

    [Fact]
    public void A_second_Job_of_an_attempt_is_told_even_when_the_first_is_gone()
    {
        var account = AdmissionAccount.Of([Job(2, "j1", "t1"), Job(3, "j1", "t1", isLive: false), Job(4, "j2", "t1")]);

        Assert.Equal("4: j2 is the second Job of attempt 1 of task t1.", Assert.Single(account.Violations));
    }

    [Fact]
    public void Two_attempts_of_a_task_at_once_are_told_within_all_limits()
    {
        var account = AdmissionAccount.Of([Job(2, "j1", "t1"), Job(3, "j2", "t1", attempt: 2)]);

        Assert.Equal("3: j2 lives beside j1, which is of the same task.", Assert.Single(account.Violations));
    }

    [Fact]
    public void A_lower_limit_counts_from_when_the_operator_goes_by_it()
    {
        Observation[] before = [new Observation.Limit(1, "", 1, 0, 2), Job(2, "j1", "t1"), new Observation.Limit(3, "", 2, 1, 1)];

        Assert.Empty(AdmissionAccount.Of([.. before, Job(4, "j2", "t2")]).Violations);
        Assert.Single(AdmissionAccount.Of([.. before, new Observation.Limit(4, "", 2, 2, 1), Job(5, "j2", "t2")]).Violations);
    }

    [Fact]
    public void A_Job_whose_labels_are_taken_off_counts_on()
    {
        var account = AdmissionAccount.Of([One, Job(2, "j1", "t1"), Job(3, "j1", "t1", attempt: null), Job(4, "j2", "t2")]);

        Assert.Equal((2, 1), (account.Peak, account.Violations.Count));
    }

    private static Observation.Job Job(long version, string name, string task, int? attempt = 1, bool isLive = true) =>
        new(version, name, name, task, $"{attempt}", attempt is null ? "n/" : "n/b", isLive);
}
