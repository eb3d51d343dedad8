using Octopoid.Core.State;
using Octopoid.Operator.Hosting;
using Octopoid.Operator.Watch;

namespace Octopoid.Operator.Tests.Hosting;

public sealed class HealthEndpointsTests
{
    [Fact]
    public void The_page_says_of_each_thing_whether_it_is_well_and_if_not_why()
    {
        WatchHealth[] watches =
        [
            new(ResourcePaths.Tasks, null, true, null, 3, TimeSpan.FromSeconds(1)),
            new(ResourcePaths.Jobs, "team-a", false, "jobs.batch is forbidden", 0, null),
            new(ResourcePaths.Pods, "team-a", false, null, 0, null),
        ];

        var page = HealthEndpoints.Describe(
            watches, "no answer from https://10.0.0.1/", new("cannot renew the lease: too slow", false), leads: false, [(new NamespacedName("work", "app"), "the forge refuses the token")]);

        Assert.Equal(
            """
            [-]API server: no answer from https://10.0.0.1/
            [+]agenttasks.octopoid.dev: watched, 3 known
            [-]jobs.batch of team-a: jobs.batch is forbidden
            [-]pods of team-a: not listed yet, the list is on its way
            [!]pull requests of work/app: the forge refuses the token
            [!]election: cannot renew the lease: too slow
            [+]stands by

            """,
            page);
    }

    [Fact]
    public void What_does_not_decide_is_not_told_as_if_it_did()
    {
        var page = HealthEndpoints.Describe([new(ResourcePaths.Tasks, null, true, null, 3, TimeSpan.Zero)], "no answer", default, leads: true, []);

        Assert.Equal("[!]API server: no answer\n[+]agenttasks.octopoid.dev: watched, 3 known\n[+]leads\n", page);
    }

    [Fact]
    public void Who_is_refused_the_Lease_does_not_stand_by()
    {
        var page = HealthEndpoints.Describe([new(ResourcePaths.Tasks, null, true, null, 3, TimeSpan.Zero)], null, new("forbidden", true), leads: false, []);

        Assert.Equal("[+]agenttasks.octopoid.dev: watched, 3 known\n[-]election: forbidden\n", page);
    }

    [Fact]
    public void A_watch_that_was_synced_and_fails_now_is_not_well()
    {
        Assert.False(new WatchHealth(ResourcePaths.Tasks, null, true, "no answer", 3, TimeSpan.FromMinutes(5)).IsWell);
        Assert.True(new WatchHealth(ResourcePaths.Tasks, null, true, null, 3, TimeSpan.FromMinutes(5)).IsWell);
    }
}
