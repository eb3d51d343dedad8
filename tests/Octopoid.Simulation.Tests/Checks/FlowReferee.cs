using System.Text.Json.Nodes;
using Octopoid.Simulation.Tests.Processes;
using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>Holds every write of a task's status to its flow and to what people have said, by the server's own history alone.</summary>
internal sealed class FlowReferee
{
    /// <summary>Rejections by reviews that a task may have; every blueprint says the same.</summary>
    private const int MostRejections = 3;

    /// <summary>The newest attempts that a task keeps.</summary>
    private const int KeptAttempts = 10;

    /// <summary>What a process writes of a task goes by one of its newest decisions on it.</summary>
    private const int LiveDecisions = 3;

    private readonly Simulation _simulation;
    private readonly Dictionary<(string Process, string TaskUid), List<long>> _bases = [];
    private readonly Dictionary<string, Case> _cases = [];

    public FlowReferee(Simulation simulation)
    {
        _simulation = simulation;
        simulation.Server.Changed += See;
    }

    /// <summary>A process has decided on something about a task.</summary>
    public void Note(OperatorProcess process, string taskUid)
    {
        if (!_bases.TryGetValue((process.Name, taskUid), out var bases))
        {
            _bases[(process.Name, taskUid)] = bases = [];
        }

        bases.Add(ClaimBasis.Of(process).Flows);
        if (bases.Count > LiveDecisions)
        {
            bases.RemoveAt(0);
        }
    }

    private void See(LogEntry entry)
    {
        if (entry.Object.Resource != Resources.Tasks)
        {
            return;
        }

        var uid = entry.Object.Uid;
        if (entry.After is not { } after)
        {
            _cases.Remove(uid);
            return;
        }

        if (!_cases.TryGetValue(uid, out var known))
        {
            _cases[uid] = known = new Case();
        }

        if (entry.Before is not { } before)
        {
            return;
        }

        if (!JsonNode.DeepEquals(before.Json.At("spec", "decision"), after.Json.At("spec", "decision")))
        {
            known.HasActed = false;
        }

        if (entry.Actor.StartsWith("operator", StringComparison.Ordinal))
        {
            Judge(new Write(entry.Actor, before, after), known);
        }
    }

    private void Judge(Write write, Case known)
    {
        var (was, isNow) = (write.Before.Task, write.After.Task);
        var flows = FlowsOf(write).ToList();
        IEnumerable<Rest> allowed;
        if (isNow.IsClaimed && isNow.ClaimAttempt != was.ClaimAttempt)
        {
            allowed = CheckClaim(write, known, flows);
        }
        else if (was.IsClaimed)
        {
            allowed = isNow.IsClaimed ? [known.Rest with { State = was.State }] : Finish(write, known, flows);
        }
        else
        {
            allowed = JsonNode.DeepEquals(write.Before.Json.At("status", "decision"), write.After.Json.At("status", "decision"))
                ? GoOn(write, known, flows)
                : Decide(write, known, flows);
        }

        var rest = new Rest(isNow.State, isNow.Passed, isNow.Rejections);
        if (!allowed.Any(one => rest.IsSame(one)))
        {
            Violate(
                allowed.Any(one => one.State == rest.State && rest.IsSame(one with { Rejections = rest.Rejections })) ? "12 rejections are counted"
                    : was.State != isNow.State ? "11 a state changes as the flow says"
                    : "11 a condition passes when it is met, and no longer than the task stays",
                write,
                $"it may be one of: {string.Join("; ", allowed.Select(one => one.ToString()))}");
        }

        if (was.State == "done" && isNow.State != "done")
        {
            Violate("13 nothing leaves done", write, "");
        }

        CheckRecords(write);
        known.Rest = rest;
    }

    /// <summary>A claim takes the way, or reviews what is waited for.</summary>
    private List<Rest> CheckClaim(Write write, Case known, IReadOnlyList<FlowView?> flows)
    {
        var (was, isNow) = (write.Before.Task, write.After.Task);
        var role = _simulation.Setup.Blueprints.FirstOrDefault(pool => pool.Name == isNow.Blueprint)?.Role;
        if (isNow.ClaimFrom != was.State)
        {
            Violate("11 a claim notes the state that it leaves", write, "");
        }

        return
        [
            .. flows.OfType<FlowView>().Select(flow => flow.Next(was.State, known.Rest.Passed, was.PullRequest)).Where(next => next switch
            {
                (FlowView.Turn.Work, { } way, _) => way.Agent == role && isNow.ClaimCondition is null,
                (FlowView.Turn.Review, _, { } condition) => condition.Agent == role && isNow.ClaimCondition == condition.Name,
                _ => false,
            }).Select(next => known.Rest with { State = next.Turn == FlowView.Turn.Work ? next.Way!.To : was.State }),
        ];
    }

    private static IEnumerable<Rest> Finish(Write write, Case known, IReadOnlyList<FlowView?> flows)
    {
        var (was, isNow) = (write.Before.Task, write.After.Task);
        var (attempt, condition) = (was.ClaimAttempt!.Value, was.ClaimCondition);
        var outcome = TaskView.Outcome(write.After, attempt);
        var rest = known.Rest;
        return outcome switch
        {
            "done" => flows.Select(flow => (rest with { State = was.State, Passed = [] }).Onward(flow, isNow.PullRequest, MostRejections)),
            "approved" => flows.Select(flow =>
                (rest with { State = was.State, Passed = [.. rest.Passed, condition!] }).Onward(flow, isNow.PullRequest, MostRejections)),
            "rejected" => flows.Select(flow => rest.SentBack(
                flow?.Ways.FirstOrDefault(way => way.From == was.State)?.Conditions.FirstOrDefault(one => one.Name == condition)?.OnFail ?? "incoming",
                MostRejections)),
            "cancelled" => [rest with { State = "cancelled", Passed = [] }],
            _ when IsSpent(write.After) => [rest with { State = "failed", Passed = [] }],
            _ => [rest with { State = condition is null ? was.ClaimFrom! : was.State }],
        };
    }

    /// <summary>True once one of a task's budgets must be spent, by the blueprints' limits or, where a blueprint is gone, by those that hold else.</summary>
    private static bool IsSpent(ServerObject task) => task.Task.State == "failed"
        && (task.Json.Number("status", "failures") >= 3
            || task.Json.Number("status", "infrastructureRetries") > 10
            || task.Json.Number("status", "continuations") > 3);

    /// <summary>Nobody has said anything: the task is cancelled, or its flow takes it on, or nothing of that changes.</summary>
    private static IEnumerable<Rest> GoOn(Write write, Case known, IReadOnlyList<FlowView?> flows)
    {
        var (was, pullRequest) = (write.Before.Task, write.After.Task.PullRequest);
        return was.IsTerminal ? [known.Rest]
            : was.IsCancelled && write.After.Task.State == "cancelled" ? [known.Rest with { State = "cancelled", Passed = [] }]
            : GoOnWith(known.Rest with { Passed = StillPassed(write, known.Rest.Passed) });

        IEnumerable<Rest> GoOnWith(Rest rest) => flows.OfType<FlowView>()
            .Where(flow => pullRequest != was.PullRequest || flow.Next(was.State, rest.Passed, pullRequest).Turn is FlowView.Turn.Move or FlowView.Turn.Back)
            .Select(flow => rest.Onward(flow, pullRequest, MostRejections)).Append(rest with { State = was.State });
    }

    /// <summary>What was judged by another head is met no more, once the forge tells of the new one.</summary>
    private static IReadOnlyCollection<string> StillPassed(Write write, IReadOnlyCollection<string> passed)
    {
        var (was, isNow) = (write.Before.Json.Text("status", "pullRequest", "headSHA"), write.After.Json.Text("status", "pullRequest", "headSHA"));
        return was is null || was == isNow || write.After.Task.PullRequest != "open"
            ? passed
            : [.. passed.Where(name => write.Before.Json.Items("status", "passed").Any(met => met.Text("condition") == name && met.Text("headSHA") == isNow))];
    }

    private List<Rest> Decide(Write write, Case known, IReadOnlyList<FlowView?> flows)
    {
        var was = write.Before.Task;
        if (write.Before.Json.At("spec", "decision") is not JsonObject word
            || !JsonNode.DeepEquals(word, write.After.Json.At("status", "decision"))
            || word.Number("attempt") != was.Attempt)
        {
            Violate("12 a decision acts on the latest attempt", write, "");
            return [];
        }

        if (known.HasActed)
        {
            Violate("12 a decision acts once", write, word.ToJsonString());
        }

        known.HasActed = true;
        if (word.Text("verdict") == "retry")
        {
            return was.State is "failed" or "cancelled" && !was.IsCancelled ? [known.Rest with { State = "incoming", Passed = [] }] : [];
        }

        // Where no forge tells of it, a person's word is the news (DESIGN §2); where one does, the forge's own word stands.
        var isApproved = word.Text("verdict") == "approve";
        var rest = known.Rest with { Passed = StillPassed(write, known.Rest.Passed) };
        var isAtForge = _simulation.Setup.Repositories.Any(repository => repository.Name == write.After.Json.Text("spec", "repository"));
        return
        [
            .. flows.OfType<FlowView>()
                .Select(flow => (Flow: flow, flow.Next(was.State, rest.Passed, was.PullRequest).Turn, flow.Next(was.State, rest.Passed, was.PullRequest).Condition))
                .Where(next => next.Turn is FlowView.Turn.Ask or FlowView.Turn.Merge && (word.Text("condition") is not { } meant || meant == next.Condition!.Name))
                .Select(next =>
                {
                    var pullRequest = isAtForge ? write.After.Task.PullRequest
                        : next.Turn == FlowView.Turn.Ask ? was.PullRequest
                        : isApproved ? "merged" : "closed";
                    var decided = isApproved
                        ? rest with { Passed = [.. rest.Passed, next.Condition!.Name] }
                        : rest.SentBack(next.Condition!.OnFail, null);
                    return decided.Onward(next.Flow, pullRequest, MostRejections);
                }),
        ];
    }

    /// <summary>What is on record of attempts stays as it is; a result adds that of the claim.</summary>
    private void CheckRecords(Write write)
    {
        var (before, after) = (Records(write.Before), Records(write.After));
        var was = write.Before.Task;
        if (was.IsClaimed && !write.After.Task.IsClaimed)
        {
            var added = after.LastOrDefault();
            if (added?.Number("number") != was.ClaimAttempt || added?.Text("condition") != was.ClaimCondition || added?.Text("state") != was.State)
            {
                Violate("14 a result is that of its attempt", write, added?.ToJsonString() ?? "nothing");
            }

            before = [.. before.Append(added!).TakeLast(KeptAttempts)];
        }

        if (before.Count != after.Count || before.Zip(after).Any(pair => !JsonNode.DeepEquals(pair.First, pair.Second)))
        {
            Violate("14 what is on record stays", write, "");
        }
    }

    private static List<JsonObject> Records(ServerObject task) => [.. task.Json.Items("status", "attempts")];

    private IEnumerable<FlowView?> FlowsOf(Write write) =>
        _simulation.Flows.Since(write.Before, _bases.GetValueOrDefault((write.Actor, write.Before.Uid))?.Min() ?? long.MaxValue);

    private void Violate(string invariant, Write write, string what) => _simulation.World.Violate(
        invariant,
        $"{write.After.Name} by {write.Actor}: {write.Before.Json["status"]!.ToJsonString()} with {write.Before.Json["spec"]!.ToJsonString()} became {write.After.Json["status"]!.ToJsonString()}; {what}");

    /// <summary>A write of an operator.</summary>
    private sealed record Write(string Actor, ServerObject Before, ServerObject After);

    /// <summary>Where a task is, what is met of its conditions, and how often it was sent back.</summary>
    private sealed record Rest(string State, IReadOnlyCollection<string> Passed, int Rejections)
    {
        /// <summary>Sent back, unless that was too often.</summary>
        public Rest SentBack(string to, int? most) => new(Rejections + 1 > most ? "failed" : to, [], Rejections + 1);

        /// <summary>Where it comes to rest from here.</summary>
        public Rest Onward(FlowView? flow, string? pullRequest, int? most)
        {
            if (flow is null)
            {
                return this;
            }

            var (end, met, isSentBack) = flow.Rest(State, Passed, pullRequest);
            return isSentBack ? SentBack(end, most) : this with { State = end, Passed = met };
        }

        public bool IsSame(Rest other) => State == other.State && Rejections == other.Rejections && Passed.ToHashSet().SetEquals(other.Passed);

        public override string ToString() => $"{State} [{string.Join(", ", Passed)}], rejected {Rejections} times";
    }

    /// <summary>What was seen of a task.</summary>
    private sealed class Case
    {
        public Rest Rest { get; set; } = new("incoming", [], 0);

        /// <summary>True once the decision that stands has acted.</summary>
        public bool HasActed { get; set; }
    }
}
