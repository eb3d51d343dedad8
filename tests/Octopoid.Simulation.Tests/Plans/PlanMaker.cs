using Octopoid.Core.Admission;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>Draws a plan: users at work, and all that may go wrong, until a set time; later some more work, when nothing goes wrong any more.</summary>
internal static class PlanMaker
{
    /// <summary>From here on nothing goes wrong any more.</summary>
    public const double Peace = 100;

    /// <summary>From here on nobody waits for what went wrong before: pauses after failures have passed.</summary>
    public const double Calm = Peace + 50;

    private static readonly string[] Watched = [Resources.Tasks, Resources.Jobs, Resources.Pods, Resources.Blueprints, Resources.Orchestrators];

    private static readonly string[] Steps = [nameof(Decision.Claim), nameof(Decision.CreateJob), nameof(Decision.Finish), nameof(Decision.Inspect)];

    public static IReadOnlyList<PlanEntry> Draw(Chance chance, Setup setup)
    {
        var plan = new List<PlanEntry>();
        var tasks = Enumerable.Range(1, chance.Of(5, 14)).Select(number => $"t{number}").ToList();
        foreach (var task in tasks)
        {
            plan.Add(Create(chance, chance.Is(0.4) ? chance.Seconds(0, 10) : chance.Seconds(0, Peace - 20), task, tasks));
        }

        var events = chance.Of(6, 30);
        for (var i = 0; i < events; i++)
        {
            plan.AddRange(Disturb(chance, chance.Seconds(1, Peace - 1), tasks, setup));
        }

        // What a leader had decided on before it stood still for longer than its lease, it must not do when it goes on.
        for (var i = chance.Of(0, 3); i > 0; i--)
        {
            plan.Add(new PlanEntry(chance.Seconds(1, Peace - 40), PlanKind.PauseLeaderAt) { Target = chance.Of(Steps), Length = chance.Seconds(15, 35) });
        }

        var late = chance.Of(0, 4);
        for (var i = 1; i <= late; i++)
        {
            plan.Add(Create(chance, Calm + chance.Seconds(0, 10), $"late{i}", tasks));
        }

        return [.. plan.OrderBy(entry => entry.At)];
    }

    private static PlanEntry Create(Chance chance, double at, string task, IReadOnlyList<string> others) => new(at, PlanKind.CreateTask)
    {
        Target = task,
        Number = chance.Of(0, 7),
        BlockedBy = chance.Is(0.25) ? chance.Of(others) is var other && other != task ? other : null : null,
    };

    private static IEnumerable<PlanEntry> Disturb(Chance chance, double at, IReadOnlyList<string> tasks, Setup setup)
    {
        var task = chance.Of(tasks);
        var blueprint = chance.Of(setup.Blueprints).Name;
        PlanEntry Entry(PlanKind kind, string target = "", int number = 0, double length = 0, double after = 0) =>
            new(Math.Min(at + after, Peace - 0.5), kind) { Target = target, Number = number, Length = Math.Min(length, Peace - at) };

        var process = chance.Of(0, 1);
        var index = chance.Of(0, 50);
        switch (chance.Of(1, 33))
        {
            case 1:
                return [Entry(PlanKind.DeleteTask, task, chance.Of(0, 4))];
            case 2:
                return [Entry(PlanKind.DeleteTask, task, chance.Of(0, 4)), Create(chance, at + (chance.Is(0.3) ? 0.001 : chance.Seconds(0, 5)), task, tasks)];
            case 3:
                return [Entry(PlanKind.SetPriority, task, chance.Of(0, 3))];
            case 4:
                return [Entry(PlanKind.Suspend, task), Entry(PlanKind.Unsuspend, task, after: chance.Seconds(1, 40))];
            case 5:
                return [Entry(chance.Is(0.5) ? PlanKind.EditPrompt : PlanKind.LabelTask, task, index)];
            case 6:
                return [Entry(PlanKind.LabelJob, number: index)];
            case 7:
            case 8:
                return [Entry(PlanKind.SetMaxInstances, blueprint, chance.Of(0, 4)), Entry(PlanKind.SetMaxInstances, blueprint, chance.Of(0, 4), after: chance.Seconds(0.1, 20))];
            case 9:
            case 10:
                return [Entry(PlanKind.SetMaxConcurrent, number: chance.Of(1, 6))];
            case 11:
                return [Entry(PlanKind.PauseOrchestrator), Entry(PlanKind.UnpauseOrchestrator, after: chance.Seconds(1, 20))];
            case 12:
                return [Entry(PlanKind.PauseBlueprint, blueprint), Entry(PlanKind.UnpauseBlueprint, blueprint, after: chance.Seconds(1, 20))];
            case 13:
                return [Entry(PlanKind.DeleteBlueprint, blueprint), Entry(PlanKind.CreateBlueprint, blueprint, chance.Of(0, 3), after: chance.Seconds(0.01, 20))];
            case 14:
                return [Entry(PlanKind.DeleteJob, number: index, length: chance.Of(0, 1))];
            case 15:
                return [Entry(PlanKind.DeletePod, number: index)];
            case 16:
                return [Entry(PlanKind.CreateForeignJob, task, chance.Of(0, 1))];
            case 17:
            case 18:
                return [Entry(PlanKind.PauseProcess, number: process, length: chance.Is(0.5) ? chance.Seconds(0.1, 10) : chance.Seconds(5, 60))];
            case 19:
                return [Entry(PlanKind.KillProcess, number: process, length: chance.Seconds(0.5, 30))];
            case 20:
                return [Entry(PlanKind.TerminateProcess, number: process, length: chance.Seconds(0.5, 10))];
            case 21:
                return [Entry(PlanKind.StepClock, number: process, length: 0) with { Length = chance.Is(0.5) ? chance.Seconds(-3600, 3600) : chance.Seconds(-30, 30) }];
            case 22:
            case 23:
                return [Entry(PlanKind.SlowWatch, chance.Of(Watched), process, chance.Seconds(5, 60))];
            case 24:
                return [Entry(chance.Is(0.5) ? PlanKind.CutWatch : PlanKind.RelistWatch, chance.Of(Watched), process, chance.Seconds(0.5, 30))];
            case 25:
                return [Entry(PlanKind.Faults, number: chance.Of([5, 20, 50]), length: chance.Seconds(5, 80))];
            case 26:
                // Answers are lost while what they would have told comes late, too.
                return
                [
                    Entry(PlanKind.Faults, number: chance.Of([20, 50]), length: chance.Seconds(5, 60)),
                    Entry(PlanKind.SlowWatch, Resources.Tasks, 0, 60),
                    Entry(PlanKind.SlowWatch, Resources.Tasks, 1, 60),
                ];
            case 27:
            case 28:
                return [Entry(PlanKind.PauseLeaderAt, chance.Of(Steps), length: chance.Is(0.3) ? chance.Seconds(1, 10) : chance.Seconds(15, 60))];
            case 29:
            case 30:
                return [Entry(PlanKind.CancelTask, task)];
            case 31:
            case 32:
                // What runs on without a task must be found by whoever leads next.
                return
                [
                    Entry(PlanKind.DeleteRunningTask, number: index),
                    Entry(chance.Is(0.7) ? PlanKind.TerminateProcess : PlanKind.KillProcess, number: Simulation.Leading, length: chance.Seconds(0.5, 10), after: chance.Seconds(0, 3)),
                ];
            case 33:
                return [Entry(PlanKind.KillLeaderAt, chance.Of(Steps), length: chance.Seconds(0.5, 30))];
            default:
                return [Entry(PlanKind.Outage, length: chance.Seconds(1, 25))];
        }
    }
}
