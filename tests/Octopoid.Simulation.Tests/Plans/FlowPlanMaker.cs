using Octopoid.Core.Admission;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>Adds to a plan of <see cref="PlanMaker"/> what came later: a flow with reviews, people who decide, agents that cannot be started. It draws from a
/// chance of its own, so what it adds changes nothing of the plan that it adds to.</summary>
internal static class FlowPlanMaker
{
    private static readonly string[] Steps =
        [nameof(Decision.Claim), nameof(Decision.CreateJob), nameof(Decision.Finish), nameof(Decision.Settle), nameof(Decision.Settle), nameof(Decision.DeleteJob)];

    private static readonly string[] Words = ["approve", "approve", "approve sign-off", "approve merge", "reject", "reject sign-off", "retry"];

    public static (Setup Setup, IReadOnlyList<PlanEntry> Plan) Add(Chance chance, Setup setup, IReadOnlyList<PlanEntry> plan)
    {
        var limits = chance.Is(0.6);
        Pool Pool(string name, string role) => new(name, chance.Of(1, 3)) { Role = role, PendingSeconds = limits ? chance.Of(8, 30) : 120 };

        var pools = setup.Blueprints.Select(pool => pool with { PendingSeconds = limits && chance.Is(0.5) ? chance.Of(8, 30) : 120 })
            .Append(Pool("reviewer", Roles.Reviewer)).Append(Pool("tester", Roles.Tester)).ToList();
        if (chance.Is(0.4))
        {
            pools.Add(Pool("critic", Roles.Reviewer));
        }

        var all = plan.ToList();
        var others = plan.Where(entry => entry.Kind == PlanKind.CreateTask).Select(entry => entry.Target).ToList();
        var tasks = Enumerable.Range(1, chance.Of(3, 8)).Select(number => $"f{number}").ToList();
        foreach (var task in tasks)
        {
            all.Add(Create(chance, chance.Is(0.6) ? chance.Seconds(0, 10) : chance.Seconds(0, PlanMaker.Peace - 40), task, [.. others, .. tasks]));
        }

        for (var i = chance.Of(4, 16); i > 0; i--)
        {
            all.Add(Decide(chance, chance.Seconds(5, PlanMaker.Peace - 1), chance.Of(tasks)));
        }

        for (var i = chance.Of(3, 14); i > 0; i--)
        {
            all.AddRange(Disturb(chance, chance.Seconds(1, PlanMaker.Peace - 1), chance.Is(0.8) ? tasks : others, pools));
        }

        if (chance.Is(0.3))
        {
            all.Add(Create(chance, PlanMaker.Calm + chance.Seconds(0, 10), "lateflow", tasks));
        }

        return (setup with { Blueprints = pools, Flow = chance.Of(FlowTexts.Whole) }, [.. all.OrderBy(entry => entry.At)]);
    }

    private static PlanEntry Create(Chance chance, double at, string task, IReadOnlyList<string> others) => new(at, PlanKind.CreateTask)
    {
        Target = task,
        Number = chance.Of(0, 7),
        Word = chance.Is(0.8) ? FlowTexts.Name : Users.Opens,
        BlockedBy = chance.Is(0.2) && chance.Of(others) is var other && other != task ? other : null,
    };

    private static PlanEntry Decide(Chance chance, double at, string task) => new(at, PlanKind.Decide)
    {
        Target = task,
        Number = chance.Is(0.8) ? 0 : chance.Of([-1, 1]),
        Word = chance.Of(Words),
        Length = chance.Is(0.4) ? 1 : 0,
    };

    private static IEnumerable<PlanEntry> Disturb(Chance chance, double at, IReadOnlyList<string> tasks, IReadOnlyList<Pool> pools)
    {
        var task = chance.Of(tasks);
        PlanEntry Entry(PlanKind kind, string target = "", string word = "", double after = 0) =>
            new(Math.Min(at + after, PlanMaker.Peace - 0.5), kind) { Target = target, Word = word };

        switch (chance.Of(1, 16))
        {
            case 1:
                return [Entry(PlanKind.EditFlow, word: chance.Of(FlowTexts.Edits)), Entry(PlanKind.EditFlow, word: chance.Of(FlowTexts.Edits), after: chance.Seconds(0.5, 30))];
            case 2:
                return [Entry(PlanKind.DeleteFlow), Entry(PlanKind.EditFlow, word: chance.Of(FlowTexts.Edits), after: chance.Seconds(0.01, 20))];
            case 3:
                return [Entry(PlanKind.RecreateFlow, word: chance.Of(FlowTexts.Edits))];
            case 4:
                return [Entry(PlanKind.CancelTask, task), Entry(PlanKind.TakeBackCancel, task, after: chance.Seconds(0, 3))];
            case 5:
            case 6:
                return
                [
                    Entry(PlanKind.CancelTask, task),
                    Entry(PlanKind.TakeBackCancel, task, after: chance.Seconds(0.5, 20)),
                    Entry(PlanKind.Decide, task, "retry", after: chance.Seconds(0, 25)),
                    Entry(PlanKind.Decide, task, "retry", after: chance.Seconds(20, 40)),
                ];
            case 7:
            case 8:
            case 9:
                return [Entry(PlanKind.BreakStarts, chance.Of(pools).Name, chance.Of(StartTroubles.Kinds)) with { Length = chance.Seconds(5, 60) }];
            case 10:
                return [Entry(PlanKind.EditBlueprint, chance.Of(pools).Name) with { Number = chance.Of(2, 9) }];
            case 11:
                // What is said once must not be heard twice.
                var decision = Decide(chance, at, task);
                return [decision, Entry(PlanKind.KillLeaderAt, nameof(Decision.Settle)) with { Length = chance.Seconds(0.5, 10) }, decision with { At = Math.Min(at + 5, PlanMaker.Peace - 0.5) }];
            case 12:
                return
                [
                    Entry(PlanKind.SlowWatch, Resources.Flows) with { Length = 30 },
                    Entry(PlanKind.SlowWatch, Resources.Flows) with { Number = 1, Length = 30 },
                    Entry(PlanKind.EditFlow, word: chance.Of(FlowTexts.Edits), after: chance.Seconds(0, 10)),
                ];
            case 13:
                return [Entry(PlanKind.DeletePod) with { Number = chance.Of(0, 50) }];
            case 14:
                return [Entry(PlanKind.KillLeaderAt, chance.Of(Steps)) with { Length = chance.Seconds(0.5, 30) }];
            case 15:
                return [Entry(PlanKind.PauseLeaderAt, chance.Of(Steps)) with { Length = chance.Seconds(15, 40) }];
            default:
                var maker = chance.Of(pools);
                return [Entry(PlanKind.SetMaxInstances, maker.Name) with { Number = chance.Of(0, 3) }, Entry(PlanKind.SetMaxInstances, maker.Name, after: 15) with { Number = chance.Of(1, 3) }];
        }
    }
}
