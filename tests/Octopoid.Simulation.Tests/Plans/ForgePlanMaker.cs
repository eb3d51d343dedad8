using Octopoid.Core.Admission;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Forges;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>Adds to a plan what came last: repositories with a forge, limits of open pull requests, people who merge and close, a forge that fails. It draws
/// from a chance of its own, too.</summary>
internal static class ForgePlanMaker
{
    private static readonly string[] Steps =
        [nameof(Decision.Claim), nameof(Decision.CreateJob), nameof(Decision.Finish), nameof(Decision.Settle), nameof(Decision.CountPullRequests), nameof(Decision.CountPullRequests)];

    public static (Setup Setup, IReadOnlyList<PlanEntry> Plan) Add(Chance chance, Setup setup, IReadOnlyList<PlanEntry> plan)
    {
        var repositories = Repositories(chance);
        int? limit = chance.Is(0.35) ? null : chance.Is(0.9) ? chance.Of(1, 5) : 0;
        var doReviewersOpen = chance.Is(0.4);
        var all = plan.ToList();
        var tasks = Enumerable.Range(1, chance.Of(4, 9)).Select(number => $"p{number}").ToList();
        foreach (var task in tasks)
        {
            all.Add(Create(chance, setup, chance.Is(0.6) ? chance.Seconds(0, 10) : chance.Seconds(0, PlanMaker.Peace - 30), task, repositories));
        }

        for (var i = chance.Of(2, 12); i > 0; i--)
        {
            all.Add(new PlanEntry(chance.Seconds(5, PlanMaker.Peace - 1), chance.Is(0.75) ? PlanKind.MergePull : PlanKind.ClosePull) { Number = chance.Of(0, 20) });
        }

        var mayExceed = chance.Is(0.4);
        for (var i = chance.Of(2, 12); i > 0; i--)
        {
            all.AddRange(Disturb(chance, chance.Seconds(1, PlanMaker.Peace - 1), repositories, mayExceed));
        }

        for (var i = chance.Of(0, 2); i > 0; i--)
        {
            all.Add(Create(chance, setup, PlanMaker.Calm + chance.Seconds(0, 10), $"latepull{i}", repositories));
        }

        return (
            setup with
            {
                Repositories = repositories,
                MaxOpenPRs = limit,
                Blueprints = [.. setup.Blueprints.Select(pool => pool with { OpensPullRequests = pool.Role == Roles.Implementer || doReviewersOpen ? null : false })],
            },
            [.. all.OrderBy(entry => entry.At)]);
    }

    private static List<CodeRepository> Repositories(Chance chance)
    {
        CodeRepository Repository(string name, string url) => new(name, url)
        {
            MaxOpen = chance.Is(0.3) ? null : chance.Of(1, 3), PollSeconds = chance.Of(2, 10), StaleSeconds = chance.Of(20, 40),
        };

        List<CodeRepository> all = [Repository("red", "https://github.com/acme/red")];
        if (chance.Is(0.5))
        {
            all.Add(Repository("blue", "https://github.com/acme/blue.git"));
        }

        if (chance.Is(0.4))
        {
            all.Add(Repository("namesake", "git@github.com:acme/Red.git"));
        }

        if (chance.Is(0.3))
        {
            all.Add(Repository("grey", "https://github.com/acme/grey") with { Provider = RepositoryView.None });
        }

        return all;
    }

    private static PlanEntry Create(Chance chance, Setup setup, double at, string task, IReadOnlyList<CodeRepository> repositories) => new(at, PlanKind.CreateTask)
    {
        Target = task,
        Number = chance.Of(0, 3),
        Repository = chance.Of(repositories).Name,
        Word = setup.Flow is not null && chance.Is(0.3) ? FlowTexts.Name : "",
    };

    private static IEnumerable<PlanEntry> Disturb(Chance chance, double at, IReadOnlyList<CodeRepository> repositories, bool mayExceed)
    {
        var repository = chance.Of(repositories).Name;
        PlanEntry Entry(PlanKind kind, string target = "", int number = 0, string word = "", double length = 0, double after = 0) =>
            new(Math.Min(at + after, PlanMaker.Peace - 0.5), kind) { Target = target, Number = number, Word = word, Length = Math.Min(length, PlanMaker.Peace - at) };

        switch (chance.Of(1, 18))
        {
            case 1:
            case 2:
                return [Entry(PlanKind.SetMaxOpen, repository, chance.Of(-1, 3)), Entry(PlanKind.SetMaxOpen, repository, chance.Of(1, 3), after: chance.Seconds(1, 30))];
            case 3:
            case 4:
                return [Entry(PlanKind.SetMaxOpenPRs, number: chance.Of(-1, 4)), Entry(PlanKind.SetMaxOpenPRs, number: chance.Of(1, 5), after: chance.Seconds(1, 30))];
            case 5:
                return [Entry(PlanKind.DeleteRepository, repository), Entry(PlanKind.CreateRepository, repository, after: chance.Is(0.3) ? 0.001 : chance.Seconds(0.5, 20))];
            case 6:
                return
                [
                    Entry(PlanKind.SetProvider, repository, word: chance.Of([RepositoryView.None, RepositoryView.GitHub, RepositoryView.Broken])),
                    Entry(PlanKind.SetProvider, repository, word: chance.Is(0.8) ? RepositoryView.GitHub : RepositoryView.None, after: chance.Seconds(0.5, 20)),
                ];
            case 7:
                return [Entry(PlanKind.SetBranchPrefix, repository, word: "bot/"), Entry(PlanKind.SetBranchPrefix, repository, word: chance.Is(0.6) ? "agent/" : "bot/", after: chance.Seconds(0.5, 30))];
            case 8:
                return [Entry(PlanKind.ForgeOutage, length: chance.Seconds(3, 60))];
            case 9:
                return [Entry(PlanKind.ForgeFaults, number: chance.Of([10, 40, 80]), length: chance.Seconds(5, 60))];
            case 10:
            case 11:
                return [Entry(PlanKind.SlowForge, number: chance.Of([5, 15, 60, 150]), length: chance.Seconds(5, 80))];
            case 12:
                return [Entry(PlanKind.SlowWatch, Resources.Repositories, chance.Of(0, 1), length: chance.Seconds(5, 60)), Entry(PlanKind.SetMaxOpen, repository, chance.Of(0, 1), after: chance.Seconds(1, 10))];
            case 13:
                return [Entry(chance.Is(0.5) ? PlanKind.KillLeaderAt : PlanKind.PauseLeaderAt, chance.Of(Steps), length: chance.Seconds(0.5, 30))];
            case 14:
                return [Entry(PlanKind.TerminateProcess, number: Simulation.Leading, length: chance.Seconds(0.5, 10))];
            case 15:
                return [Entry(PlanKind.DeletePod, number: chance.Of(0, 50))];
            case 16 when mayExceed:
            case 17 when mayExceed:
                return [Entry(PlanKind.ReopenPull, number: chance.Of(0, 20)), Entry(PlanKind.ReopenPull, number: chance.Of(0, 20), after: chance.Seconds(5, 30))];
            case 18 when mayExceed:
                return [Entry(PlanKind.OpenOwnPull, repository)];
            default:
                return [Entry(PlanKind.MergePull, number: chance.Of(0, 20)), Entry(PlanKind.ClosePull, number: chance.Of(0, 20), after: chance.Seconds(1, 20))];
        }
    }
}
