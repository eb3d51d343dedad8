using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Forges;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>Whoever merges and closes pull requests, and declares the repositories: by plan at any moment, right or wrong; in peace so that every task ends.</summary>
internal sealed class Maintainers(Simulation simulation)
{
    private const string Actor = "user";

    /// <summary>In peace a pull request stays open for so long that a gate which is closed for no reason is seen.</summary>
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(35);

    private readonly Chance _chance = simulation.World.Chance("maintainers");
    private readonly ApiServer _server = simulation.Server;
    private readonly CodeForge _forge = simulation.Forge;

    public void SetUp(Setup setup)
    {
        foreach (var repository in setup.Repositories)
        {
            Create(repository);
        }
    }

    public void Do(PlanEntry entry)
    {
        switch (entry.Kind)
        {
            case PlanKind.MergePull: End(Pick(entry.Number, PullRequestState.Open), isMerged: true); break;
            case PlanKind.ClosePull: End(Pick(entry.Number, PullRequestState.Open), isMerged: false); break;
            case PlanKind.ReopenPull when Pick(entry.Number, PullRequestState.Closed) is { } closed: _forge.Reopen(closed, null); break;
            case PlanKind.OpenOwnPull when Find(entry.Target) is { } found:
                var view = RepositoryView.Of(found);
                _forge.Open(view.Home, view.Prefix + "person", null, null);
                break;
            case PlanKind.SetMaxOpen: Edit(entry.Target, spec => spec["pullRequests"]!["maxOpen"] = entry.Number < 0 ? null : entry.Number); break;
            case PlanKind.SetProvider: Edit(entry.Target, spec => SetProvider(spec, entry.Word)); break;
            case PlanKind.SetBranchPrefix: Edit(entry.Target, spec => spec["pullRequests"]!["branchPrefix"] = entry.Word); break;
            case PlanKind.DeleteRepository when Find(entry.Target) is { } found: _server.Remove(found, Actor); break;
            case PlanKind.CreateRepository: Create(Of(entry.Target)); break;
            case PlanKind.ForgeOutage:
                _forge.IsOut = true;
                simulation.World.After(TimeSpan.FromSeconds(entry.Length), () => _forge.IsOut = false);
                break;
            case PlanKind.ForgeFaults:
                _forge.Faults = entry.Number;
                simulation.World.After(TimeSpan.FromSeconds(entry.Length), () => _forge.Faults = 0);
                break;
            case PlanKind.SlowForge:
                _forge.Slowness = entry.Number;
                simulation.World.After(TimeSpan.FromSeconds(entry.Length), () => _forge.Slowness = 0);
                break;
        }
    }

    /// <summary>From here on every gate can open, and every pull request is merged or closed in time.</summary>
    public void MakePeace(Setup setup)
    {
        (_forge.IsOut, _forge.Faults, _forge.Slowness) = (false, 0, 0);
        foreach (var repository in setup.Repositories)
        {
            Create(repository);
            if (!RepositoryView.Of(Find(repository.Name)!).IsCountable)
            {
                Edit(repository.Name, spec => SetProvider(spec, repository.Provider));
            }

            if (Find(repository.Name)!.Json.Number("spec", "pullRequests", "maxOpen") == 0)
            {
                Edit(repository.Name, spec => spec["pullRequests"]!["maxOpen"] = 1);
            }
        }

        Look();
    }

    private void Look()
    {
        foreach (var pull in _forge.All.Where(pull => pull.State == PullRequestState.Open && simulation.World.Now - pull.OpenSince > Review).ToList())
        {
            var task = _server.All(Resources.Tasks).FirstOrDefault(task => !task.Task.IsTerminal
                && task.Json.Number("status", "pullRequest", "number") == pull.Number && HomeOf(task) == pull.Home);
            if (task is null || (!task.Task.IsClaimed && task.Task.WaitsFor == "AwaitsMerge"))
            {
                _forge.End(pull, task is not null && _chance.Is(0.85));
            }
        }

        simulation.World.After(TimeSpan.FromSeconds(3), Look);
    }

    private string? HomeOf(ServerObject task) =>
        task.Json.Text("spec", "repository") is { } name && Find(name) is { } repository ? RepositoryView.Of(repository).Home : null;

    private void End(Pull? pull, bool isMerged)
    {
        if (pull is not null)
        {
            _forge.End(pull, isMerged);
        }
    }

    private Pull? Pick(int index, PullRequestState state)
    {
        var all = _forge.All.Where(pull => pull.State == state).ToList();
        return all.Count == 0 ? null : all[index % all.Count];
    }

    private CodeRepository Of(string name) => simulation.Setup.Repositories.First(known => known.Name == name);

    private ServerObject? Find(string name) => _server.Find(Resources.Repositories, Resources.Namespace, name);

    private void Create(CodeRepository repository)
    {
        if (Find(repository.Name) is null)
        {
            _server.Create(
                Resources.Repositories,
                new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = repository.Name, ["namespace"] = Resources.Namespace },
                    ["spec"] = new JsonObject
                    {
                        ["url"] = repository.Url,
                        ["provider"] = repository.Provider,
                        ["pullRequests"] = new JsonObject
                        {
                            ["maxOpen"] = repository.MaxOpen,
                            ["branchPrefix"] = "agent/",
                            ["pollSeconds"] = repository.PollSeconds,
                            ["staleAfterSeconds"] = repository.StaleSeconds,
                        },
                    },
                },
                Actor);
        }
    }

    /// <summary>A forge with an API where no request can go is one of which nothing is known.</summary>
    private static void SetProvider(JsonObject spec, string? provider)
    {
        spec.Remove("apiUrl");
        spec["provider"] = provider;
        if (provider == RepositoryView.Broken)
        {
            (spec["provider"], spec["apiUrl"]) = (RepositoryView.GitHub, "ftp://nowhere");
        }
    }

    private void Edit(string name, Action<JsonObject> edit)
    {
        if (Find(name) is { } found)
        {
            _server.Change(found, json => edit(json["spec"]!.AsObject()), Actor);
        }
    }
}
