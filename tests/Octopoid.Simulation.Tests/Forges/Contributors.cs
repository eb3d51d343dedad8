using System.Globalization;
using System.Text.Json.Nodes;
using Octopoid.Core.Kinds;
using Octopoid.Simulation.Tests.Engine;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Forges;

/// <summary>What agents do at the forge: they open a pull request at any moment of their run or none, mend the one that is open, and tell of it or not.</summary>
internal sealed class Contributors(Simulation simulation)
{
    private readonly World _world = simulation.World;
    private readonly ApiServer _server = simulation.Server;
    private readonly Dictionary<string, Assignment> _assignments = [];
    private readonly Dictionary<string, Pull> _results = [];

    /// <summary>A Job was made: from here on its agent knows where to push to.</summary>
    public void Assign(ServerObject job)
    {
        if (_server.FindUid(Resources.Tasks, job.ControllerUid) is not { } task
            || task.Json.Text("spec", "repository") is not { } name
            || _server.Find(Resources.Repositories, Resources.Namespace, name) is not { } repository
            || simulation.Setup.Repositories.All(known => known.Name != name))
        {
            return;
        }

        var view = RepositoryView.Of(repository);
        var attempt = int.Parse(job.Label(Labels.Attempt)!, CultureInfo.InvariantCulture);
        _assignments[job.Uid] = new Assignment(task.Uid, attempt, view.Home, view.Prefix + task.Uid)
        {
            Recorded = task.Json.Number("status", "pullRequest", "number"),
            IsRepair = task.Task.PullRequest == "open",
            Opens = simulation.Setup.Blueprints.FirstOrDefault(pool => pool.Name == job.Label(Labels.Blueprint))?.OpensPullRequests != false,
        };
    }

    /// <summary>An agent is about to run.</summary>
    /// <param name="pod">Its pod.</param>
    /// <param name="job">Its Job.</param>
    /// <param name="from">When it begins, in seconds from now.</param>
    /// <param name="to">When it ends.</param>
    public void Begin(ServerObject pod, ServerObject job, double from, double to)
    {
        if (!_assignments.TryGetValue(job.Uid, out var assignment))
        {
            return;
        }

        var chance = _world.Chance("contribution of " + pod.Uid);
        var isMaker = job.Label(Labels.Role) == Roles.Implementer;
        if (chance.Is(isMaker ? 0.8 : 0.1))
        {
            _world.After(chance.Span(from, to), () =>
            {
                if (_server.Current(pod) is { IsEndedPod: false } live && live.Json.Text("status", "phase") == "Running")
                {
                    Contribute(pod, assignment, chance);
                }
            });
        }
    }

    /// <summary>What a pod says in the end, with the pull request that its agent tells of.</summary>
    public JsonObject Tell(ServerObject pod, JsonObject end)
    {
        var said = end.DeepClone().AsObject();
        if (!_results.TryGetValue(pod.Uid, out var pull)
            || said.Items("containerStatuses").FirstOrDefault()?.At("state", "terminated") is not JsonObject agent
            || agent.Text("message") is not ['{', ..] message)
        {
            return end;
        }

        var chance = _world.Chance("result of " + pod.Uid);
        var result = JsonNode.Parse(message)!.AsObject();
        if (chance.Is(0.75))
        {
            result["pullRequest"] = new JsonObject { ["number"] = pull.Number };
        }

        if (chance.Is(0.5))
        {
            result["headSHA"] = pull.Head;
        }

        agent["message"] = result.ToJsonString();
        return said;
    }

    private void Contribute(ServerObject pod, Assignment assignment, Chance chance)
    {
        var (forge, home) = (simulation.Forge, assignment.Home);
        var recorded = forge.Find(home, assignment.Recorded);
        if (assignment.IsRepair)
        {
            // Whatever has become of it meanwhile: whoever mends a pull request opens no other.
            if (recorded?.State == PullRequestState.Open)
            {
                forge.Push(recorded);
                _results[pod.Uid] = recorded;
            }

            return;
        }

        if (!assignment.Opens)
        {
            return;
        }

        var branch = chance.Is(0.08) ? "mine/" + assignment.TaskUid : assignment.Branch;
        if (forge.Of(home).FirstOrDefault(pull => pull.Branch == branch && pull.State == PullRequestState.Open) is { } unrecorded)
        {
            // A branch has one pull request at most: an attempt before has opened it, and could not tell.
            forge.Push(unrecorded);
            _results[pod.Uid] = unrecorded;
        }
        else if (recorded?.State == PullRequestState.Closed && chance.Is(0.4))
        {
            forge.Reopen(recorded, assignment.Attempt);
            _results[pod.Uid] = recorded;
        }
        else
        {
            _results[pod.Uid] = forge.Open(home, branch, assignment.TaskUid, assignment.Attempt);
        }
    }

    /// <summary>What an agent knows from the start.</summary>
    private sealed record Assignment(string TaskUid, int Attempt, string Home, string Branch)
    {
        public int? Recorded { get; init; }

        public bool IsRepair { get; init; }

        public bool Opens { get; init; }
    }
}
