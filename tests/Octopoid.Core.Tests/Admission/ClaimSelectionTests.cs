using CsCheck;
using Octopoid.Core.Admission;
using Octopoid.Core.Kinds;
using Octopoid.Core.State;

namespace Octopoid.Core.Tests.Admission;

public sealed class ClaimSelectionTests
{
    [Fact]
    public void Tasks_start_by_priority_then_age_then_uid()
    {
        var state = State(Given.Orchestrator(10), Given.Blueprint(maxInstances: 10));
        See(state, Given.Task("c"), Given.Task("b"), Given.Task("old", createdAt: Given.Noon.AddSeconds(-1)), Given.Task("urgent", TaskPriority.P0));

        Assert.Equal(["urgent", "old", "b", "c"], Names(ClaimSelection.Decide(state, Given.Noon)));
    }

    [Fact]
    public void Without_an_orchestrator_nothing_starts()
    {
        var state = State(null, Given.Blueprint());
        See(state, Given.Task("a"));

        Assert.Empty(ClaimSelection.Decide(state, Given.Noon));
    }

    [Fact]
    public void A_paused_orchestrator_starts_nothing()
    {
        var state = State(Given.Orchestrator(isPaused: true), Given.Blueprint());
        See(state, Given.Task("a"));

        Assert.Empty(ClaimSelection.Decide(state, Given.Noon));
    }

    [Fact]
    public void A_blueprint_that_breaks_a_rule_starts_nothing_and_stops_no_other()
    {
        var broken = Given.Blueprint("broken", 5, "implementer") with { Spec = new AgentBlueprintSpec(5) { Role = "implementer" } };
        var state = State(Given.Orchestrator(10), broken, Given.Blueprint(maxInstances: 1));
        See(state, Given.Task("a"), Given.Task("b"));

        var claim = Assert.Single(ClaimSelection.Decide(state, Given.Noon));
        Assert.Equal("implementer", claim.Slot.Blueprint.Name);
    }

    [Fact]
    public void Blueprints_of_one_role_share_its_tasks_by_the_share_of_their_maximum()
    {
        var state = State(Given.Orchestrator(6), Given.Blueprint("small", 2, "implementer"), Given.Blueprint("large", 8, "implementer"));
        See(state, [.. Enumerable.Range(0, 20).Select(i => Given.Task($"t{i:00}"))]);

        var shares = ClaimSelection.Decide(state, Given.Noon).CountBy(claim => claim.Slot.Blueprint.Name).ToDictionary();
        Assert.Equal(new Dictionary<string, int> { ["large"] = 5, ["small"] = 1 }.OrderBy(p => p.Key), shares.OrderBy(p => p.Key));
    }

    [Fact]
    public void Ten_thousand_tasks_of_a_full_blueprint_do_not_hold_back_one_of_a_free_one()
    {
        var state = State(Given.Orchestrator(100), Given.Blueprint("implementer", 0), Given.Blueprint("reviewer"));
        state.Apply(
            new Fact.FlowSeen(null, new AgentFlow
            {
                Metadata = new ObjectMeta { Name = "review", Namespace = Given.Namespace },
                Spec = new AgentFlowSpec { Transitions = Given.Transitions("reviewer") },
            }),
            Given.Noon);
        See(state, [.. Enumerable.Range(0, 10_000).Select(i => Given.Task($"t{i}", TaskPriority.P0))]);
        See(state, Given.Task("free", TaskPriority.P3, flow: "review"));

        Assert.Equal(["free"], Names(ClaimSelection.Decide(state, Given.Noon)));
    }

    [Fact]
    public void No_limit_is_ever_exceeded_and_no_slot_stays_free_beside_a_task_that_fits() =>
        Gen.Select(
            Gen.Int[0, 12],
            Gen.Select(Gen.Int[0, 5], Gen.Bool.Select(isFirst => isFirst ? "implementer" : "reviewer")).Array[0, 4],
            Gen.Int[0, 30]).Sample((maxConcurrent, pools, tasks) =>
        {
            var blueprints = pools.Select((pool, i) => Given.Blueprint($"b{i}", pool.Item1, pool.Item2)).ToArray();
            var state = State(Given.Orchestrator(maxConcurrent), blueprints);
            See(state, [.. Enumerable.Range(0, tasks).Select(i => Given.Task($"t{i:00}"))]);

            var claims = ClaimSelection.Decide(state, Given.Noon);

            var room = pools.Where(pool => pool.Item2 == "implementer").Sum(pool => pool.Item1);
            Assert.Equal(Math.Min(Math.Min(maxConcurrent, room), tasks), claims.Count);
            Assert.Equal(claims.Count, claims.Select(claim => claim.Slot.TaskUid).Distinct().Count());
            foreach (var (name, count) in claims.CountBy(claim => claim.Slot.Blueprint.Name))
            {
                Assert.True(count <= blueprints.Single(b => b.Metadata.Name == name).Spec.MaxInstances);
            }
        });

    [Fact]
    public void While_all_have_work_no_blueprint_is_more_than_one_slot_ahead_of_another() =>
        Gen.Select(Gen.Int[1, 9].Array[2, 5], Gen.Int[1, 20], Gen.Int[0, 1_000_000]).Sample((maxima, maxConcurrent, seed) =>
        {
            var random = new Random(seed);
            var state = State(Given.Orchestrator(maxConcurrent), [.. maxima.Select((maximum, i) => Given.Blueprint($"b{i}", maximum))]);
            for (var i = 0; i < maxima.Length; i++)
            {
                state.Apply(new Fact.FlowSeen(null, FlowTo($"b{i}")), Given.Noon);
            }

            See(state, [.. maxima.SelectMany((maximum, i) => Enumerable.Range(0, maximum).Select(n => Given.Task($"s{n}b{i}", flow: $"b{i}")))]);
            for (var round = 0; round < 60; round++)
            {
                // Whoever ends is made good by a new task, so that all have work always.
                See(state, [.. Enumerable.Range(0, maxima.Length).Select(i => Given.Task($"r{round:00}b{i}", flow: $"b{i}"))]);
                if (state.Ledger.Count > 0 && round > 30)
                {
                    var ended = state.Ledger.Slots.ElementAt(random.Next(state.Ledger.Count)).TaskUid;
                    state.Apply(new Fact.TaskSeen(Given.Task(ended["uid-".Length..]), null), Given.Noon);
                    state.Release(ended, Given.Noon);
                }

                AdmissionCycle.Run(state, Given.Noon);
            }

            var total = maxima.Sum();
            Assert.Equal(Math.Min(maxConcurrent, total), state.Ledger.Count);

            // By shares of their maxima. Whoever has nothing comes first: so one of 9 beside four of 1 may have one of five slots, and nobody starves.
            var counts = maxima.Select((_, i) => state.Ledger.CountOf(new NamespacedName(Given.Namespace, $"b{i}"))).ToList();
            for (var i = 0; i < maxima.Length; i++)
            {
                for (var j = 0; j < maxima.Length; j++)
                {
                    Assert.True((counts[i] - 1) * maxima[j] <= counts[j] * maxima[i], $"b{i} has {counts[i]} of {maxima[i]}, b{j} {counts[j]} of {maxima[j]}.");
                }
            }
        });

    [Fact]
    public void Later_stages_of_a_flow_start_before_earlier_ones()
    {
        var state = State(Given.Orchestrator(2), Given.Blueprint("coder", 5), Given.Blueprint("tester", 5));
        state.Apply(
            new Fact.FlowSeen(null, new AgentFlow
            {
                Metadata = new ObjectMeta { Name = "long", Namespace = Given.Namespace },
                Spec = new AgentFlowSpec
                {
                    Transitions =
                    [
                        new FlowTransition { From = "incoming", To = "coding", Agent = "coder" },
                        new FlowTransition { From = "coding", To = "coded" },
                        new FlowTransition { From = "coded", To = "testing", Agent = "tester" },
                        new FlowTransition { From = "testing", To = "done" },
                    ],
                },
            }),
            Given.Noon);
        See(
            state,
            Given.Task("urgent", TaskPriority.P0, flow: "long"),
            Given.Task("late", TaskPriority.P3, flow: "long", status: new ObservedTask.TaskStatus { State = "coded", Attempt = 1 }));

        Assert.Equal(["late", "urgent"], Names(ClaimSelection.Decide(state, Given.Noon)));
    }

    [Fact]
    public void A_priority_raised_while_waiting_counts_at_once()
    {
        var state = State(Given.Orchestrator(1), Given.Blueprint());
        var task = Given.Task("b");
        See(state, Given.Task("a"), task);
        state.Apply(new Fact.TaskSeen(task, Given.Task("b", TaskPriority.P0)), Given.Noon);

        Assert.Equal(["b"], Names(ClaimSelection.Decide(state, Given.Noon)));
    }

    private static AgentFlow FlowTo(string role) => new()
    {
        Metadata = new ObjectMeta { Name = role, Namespace = Given.Namespace },
        Spec = new AgentFlowSpec { Transitions = Given.Transitions(role) },
    };

    private static ClusterState State(AgentOrchestrator? orchestrator, params AgentBlueprint[] blueprints)
    {
        var state = new ClusterState();
        state.Apply(new Fact.OrchestratorSeen(orchestrator), Given.Noon);
        foreach (var blueprint in blueprints)
        {
            state.Apply(new Fact.BlueprintSeen(null, blueprint), Given.Noon);
        }

        return state;
    }

    private static void See(ClusterState state, params ObservedTask[] tasks)
    {
        foreach (var task in tasks)
        {
            state.Apply(new Fact.TaskSeen(null, task), Given.Noon);
        }
    }

    private static IEnumerable<string> Names(IEnumerable<Decision.Claim> claims) => claims.Select(claim => claim.Task.Metadata.Name);
}
