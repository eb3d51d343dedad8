using Octopoid.Simulation.Tests.Plans;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests;

/// <summary>What no seed brings about, or only by chance.</summary>
[Collection(nameof(SimulationTests))]
public sealed class ScenarioTests
{
    [Fact]
    public void After_half_an_hour_of_server_errors_all_that_ran_meanwhile_is_recorded_and_the_rest_is_done()
    {
        var simulation = new Simulation(1, Quiet(), [.. Tasks(12, at: 1), new PlanEntry(5, PlanKind.Outage) { Length = 1800 }])
        {
            Peace = TimeSpan.FromSeconds(1810),
        };

        Assert.Null(simulation.Run());
        Assert.All(simulation.Server.All(Resources.Tasks), task => Assert.True(task.Task.IsTerminal));
        Assert.Equal(simulation.Referee.Claims, simulation.Server.All(Resources.Pods).Count);
    }

    [Fact]
    public void While_the_list_of_Jobs_fails_nothing_is_admitted()
    {
        var simulation = new Simulation(1, Quiet(), Tasks(6, at: 1));
        simulation.Network.Decide = (method, path, fate) =>
            method == "GET" && path == Resources.Jobs && simulation.World.Now < TimeSpan.FromSeconds(60) ? Refused(fate, 403) : fate;
        var claimsBefore = -1;
        simulation.World.At(TimeSpan.FromSeconds(59), () => claimsBefore = simulation.Referee.Claims);

        Assert.Null(simulation.Run());
        Assert.Equal(0, claimsBefore);
        Assert.All(simulation.Server.All(Resources.Tasks), task => Assert.True(task.Task.IsTerminal));
    }

    [Fact]
    public void A_claim_that_was_refused_is_tried_again_though_nothing_has_changed()
    {
        var simulation = new Simulation(1, Quiet(), Tasks(1, at: 1));
        simulation.Network.Decide = (method, path, fate) =>
            method == "PATCH" && path.Contains("/agenttasks/", StringComparison.Ordinal) && simulation.World.Now < TimeSpan.FromSeconds(10) ? Refused(fate, 403) : fate;

        Assert.Null(simulation.Run());
    }

    [Fact]
    public void A_result_whose_answer_is_lost_is_not_followed_by_a_Job_of_its_attempt()
    {
        // The task's watch tells nothing after the claim, so only the live read shows that the claim is gone.
        var simulation = new Simulation(1, Quiet(), [.. Tasks(1, at: 1), new PlanEntry(1.04, PlanKind.CutWatch) { Target = Resources.Tasks, Length = 20 }]);
        var (jobs, results) = (0, 0);
        simulation.Network.Decide = (method, path, fate) =>
            method == "POST" && path.Contains("/jobs", StringComparison.Ordinal) && ++jobs == 1 ? Refused(fate, 403)
            : method == "PATCH" && path.Contains("/agenttasks/", StringComparison.Ordinal) && ++results == 2 ? fate with { Kind = FateKind.AnswerLost }
            : fate;

        Assert.Null(simulation.Run());
    }

    [Fact]
    public void What_was_deleted_unseen_is_gone_with_the_next_list()
    {
        var simulation = new Simulation(
            1,
            Quiet(),
            [
                new PlanEntry(2, PlanKind.CutWatch) { Target = Resources.Blueprints, Length = 3600 },
                new PlanEntry(3, PlanKind.DeleteBlueprint) { Target = "implementer" },
                new PlanEntry(10, PlanKind.RelistWatch) { Target = Resources.Blueprints },
                .. Tasks(3, at: 20),
            ]);

        Assert.Null(simulation.Run());
    }

    [Fact]
    public void A_clock_that_is_set_back_delays_nothing()
    {
        var simulation = new Simulation(
            1, Quiet(), [.. Tasks(1, at: 1), new PlanEntry(12, PlanKind.StepClock) { Length = -3600 }, new PlanEntry(12, PlanKind.StepClock) { Number = 1, Length = -3600 }]);
        simulation.Network.Decide = (method, path, fate) =>
            method == "PATCH" && path.Contains("/agenttasks/", StringComparison.Ordinal) && simulation.World.Now < TimeSpan.FromSeconds(10) ? Refused(fate, 403) : fate;

        Assert.Null(simulation.Run());
    }

    [Fact]
    public void While_a_forge_does_not_answer_a_count_grows_too_old_to_start_anything()
    {
        var setup = Quiet() with { Repositories = [new CodeRepository("red", "https://github.com/acme/red") { PollSeconds = 5, StaleSeconds = 12 }] };
        var simulation = new Simulation(
            1, setup, [new PlanEntry(20, PlanKind.ForgeOutage) { Length = 60 }, new PlanEntry(60, PlanKind.CreateTask) { Target = "t1", Repository = "red" }]);
        var claimsBefore = -1;
        simulation.World.At(TimeSpan.FromSeconds(79), () => claimsBefore = simulation.Referee.Claims);

        Assert.Null(simulation.Run());
        Assert.Equal(0, claimsBefore);
    }

    private static Fate Refused(Fate fate, int code) => fate with { Kind = FateKind.Refused, Code = code };

    private static Setup Quiet() => new() { Blueprints = [new Pool("implementer", 2), new Pool("second", 2)], MaxConcurrent = 3, ClockOffsets = [0, 0] };

    private static IReadOnlyList<PlanEntry> Tasks(int count, double at) =>
        [.. Enumerable.Range(1, count).Select(number => new PlanEntry(at, PlanKind.CreateTask) { Target = $"t{number}", Number = 2 })];
}
