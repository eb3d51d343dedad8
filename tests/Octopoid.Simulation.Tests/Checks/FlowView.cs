using Octopoid.Simulation.Tests.Server;

namespace Octopoid.Simulation.Tests.Checks;

/// <summary>What a flow means, read from the server's own JSON by none of the operator's code.</summary>
/// <param name="Ways">Its transitions.</param>
internal sealed record FlowView(IReadOnlyList<FlowView.Way> Ways)
{
    /// <summary>What comes next for a task that nobody works on.</summary>
    internal enum Turn
    {
        /// <summary>Nothing: it has ended.</summary>
        End,

        /// <summary>Nothing: its state has no way out.</summary>
        Astray,

        /// <summary>An agent takes the way.</summary>
        Work,

        /// <summary>An agent reviews.</summary>
        Review,

        /// <summary>A person answers.</summary>
        Ask,

        /// <summary>Its pull request is merged or closed.</summary>
        Merge,

        /// <summary>It goes on by itself.</summary>
        Move,

        /// <summary>Its pull request was closed: it goes back by itself.</summary>
        Back,
    }

    /// <summary>The flow of that name that needs no object.</summary>
    public static FlowView Default { get; } = new(
    [
        new Way("incoming", "claimed", "implementer", []),
        new Way("claimed", "provisional", null, []),
        new Way("provisional", "done", null, [new Condition("merged", null, true, "incoming")]),
    ]);

    /// <summary>Reads a flow; null when it makes no sense.</summary>
    public static FlowView? Of(ServerObject flow)
    {
        Way[] ways =
        [
            .. flow.Json.Items("spec", "transitions").Select(way => new Way(
                way.Text("from")!,
                way.Text("to")!,
                way.Text("agent"),
                [
                    .. way.Items("conditions").Select(condition => new Condition(
                        condition.Text("name")!, condition.Text("agent"), condition.Flag("pullRequestMerged"), condition.Text("onFail") ?? "incoming")),
                ])),
        ];
        var isWhole = ways.All(way => way.To == "done" || Leaves(way.To))
            && ways.SelectMany(way => way.Conditions).All(condition => condition.OnFail == "failed" || Leaves(condition.OnFail));
        return isWhole ? new FlowView(ways) : null;

        bool Leaves(string state) => ways.Any(way => way.From == state);
    }

    /// <summary>What comes next, and by which way and condition.</summary>
    /// <param name="state">The state of the task.</param>
    /// <param name="passed">The conditions that are met.</param>
    /// <param name="pullRequest">The state of its pull request; null when it has none.</param>
    public (Turn Turn, Way? Way, Condition? Condition) Next(string state, IReadOnlyCollection<string> passed, string? pullRequest)
    {
        if (state is "done" or "failed" or "cancelled")
        {
            return (Turn.End, null, null);
        }

        if (Ways.FirstOrDefault(way => way.From == state) is not { } found)
        {
            return (Turn.Astray, null, null);
        }

        foreach (var condition in found.Conditions.Where(condition => !passed.Contains(condition.Name)))
        {
            if (condition.Agent is not null)
            {
                return (Turn.Review, found, condition);
            }

            if (!condition.IsMerge)
            {
                return (Turn.Ask, found, condition);
            }

            if (pullRequest is not (null or "merged"))
            {
                return (pullRequest == "closed" ? Turn.Back : Turn.Merge, found, condition);
            }
        }

        return (found.Agent is null ? Turn.Move : Turn.Work, found, null);
    }

    /// <summary>Where a task comes to rest that goes on by itself.</summary>
    /// <returns>The state, what is met of its conditions, and whether a closed pull request has sent it there.</returns>
    public (string State, IReadOnlyCollection<string> Passed, bool IsSentBack) Rest(string state, IReadOnlyCollection<string> passed, string? pullRequest)
    {
        passed = [.. passed.Where(name => Ways.Any(way => way.From == state && way.Conditions.Any(condition => condition.Name == name)))];
        while (true)
        {
            switch (Next(state, passed, pullRequest))
            {
                case (Turn.Move, { To: var to }, _):
                    (state, passed) = (to, []);
                    continue;
                case (Turn.Back, _, { OnFail: var back }):
                    return (back, [], true);
                default:
                    return (state, passed, false);
            }
        }
    }

    /// <summary>A transition.</summary>
    /// <param name="From">The state that it leaves.</param>
    /// <param name="To">The state that it leads to.</param>
    /// <param name="Agent">The role that takes it; null for none.</param>
    /// <param name="Conditions">What must be met first, in order.</param>
    internal sealed record Way(string From, string To, string? Agent, IReadOnlyList<Condition> Conditions);

    /// <summary>A condition: a review, a merge, or else a person's word.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Agent">The role that reviews; null for none.</param>
    /// <param name="IsMerge">True for a merge.</param>
    /// <param name="OnFail">Where a task goes that does not meet it.</param>
    internal sealed record Condition(string Name, string? Agent, bool IsMerge, string OnFail);
}
