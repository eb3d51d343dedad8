using Octopoid.Core.Kinds;

namespace Octopoid.Core.Flows;

/// <summary>What a flow means: whether it makes sense, and what comes next in each state (DESIGN §2).</summary>
public static class FlowRules
{
    /// <summary>True for a state that nothing leaves by itself.</summary>
    /// <param name="state">The state.</param>
    public static bool IsTerminal(string state) => state is FlowStates.Done or FlowStates.Failed or FlowStates.Cancelled;

    /// <summary>The rule that a flow breaks, one sentence; null when it breaks none. The schema's CEL rules say most of this, but not that every
    /// way ends; a server that ignores them lets such a flow in, and then no task of it starts.</summary>
    /// <param name="flow">The flow.</param>
    public static string? Violation(AgentFlowSpec flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var states = flow.Transitions.Select(t => t.From).ToHashSet(StringComparer.Ordinal);
        return flow.Transitions.Count == 0 || flow.Transitions[0].From != FlowStates.Incoming
                ? "The first transition must start from incoming, where every task begins."
            : states.Count < flow.Transitions.Count ? "A state has more than one transition out of it."
            : flow.Transitions.Select(t => Violation(t, states)).OfType<string>().FirstOrDefault()
                ?? states.Select(state => CycleFrom(flow, state)).OfType<string>().FirstOrDefault()
                ?? states.Select(state => IdleCycleFrom(flow, state)).OfType<string>().FirstOrDefault();
    }

    /// <summary>The states with transitions that no task can reach: they harm nothing, and tasks that are in them since before an edit go on.</summary>
    /// <param name="flow">The flow.</param>
    public static IReadOnlyList<string> Unreachable(AgentFlowSpec flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>([FlowStates.Incoming]);
        while (next.TryDequeue(out var state))
        {
            if (reached.Add(state) && Out(flow, state) is { } transition)
            {
                next.Enqueue(transition.To);
                foreach (var condition in transition.Conditions ?? [])
                {
                    next.Enqueue(condition.OnFail);
                }
            }
        }

        return [.. flow.Transitions.Select(t => t.From).Where(state => !reached.Contains(state))];
    }

    /// <summary>The roles that a flow's transitions and reviews name, each once.</summary>
    /// <param name="flow">The flow.</param>
    public static IReadOnlyList<string> Roles(AgentFlowSpec flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        return
        [
            .. flow.Transitions.SelectMany(t => (t.Conditions ?? []).Select(condition => condition.Agent).Append(t.Agent)).OfType<string>()
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>What comes next for a task that nobody works on.</summary>
    /// <param name="flow">Its flow.</param>
    /// <param name="state">The state it is in.</param>
    /// <param name="passed">The conditions of the transition out of that state that are met.</param>
    /// <param name="pullRequest">Its pull request; null when it has none.</param>
    public static FlowStep Next(AgentFlowSpec flow, string state, IReadOnlyList<PassedCondition>? passed, TaskPullRequest? pullRequest)
    {
        ArgumentNullException.ThrowIfNull(flow);
        if (IsTerminal(state))
        {
            return new FlowStep.End();
        }

        if (Out(flow, state) is not { } transition)
        {
            return new FlowStep.Stray();
        }

        var waiting = (transition.Conditions ?? []).FirstOrDefault(condition => passed?.Any(met => met.Condition == condition.Name) != true
            && !(condition.PullRequestMerged == true && pullRequest is null or { State: PullRequestState.Merged }));
        return waiting switch
        {
            null => transition.Agent is null ? new FlowStep.Move(transition.To) : new FlowStep.Work(transition),
            { Agent: not null } => new FlowStep.Review(waiting),
            { PullRequestMerged: true } => pullRequest?.State == PullRequestState.Closed ? new FlowStep.Back(waiting) : new FlowStep.Merge(waiting),
            _ => new FlowStep.Ask(waiting),
        };
    }

    /// <summary>A condition by its name and the state it is waited for in; null when the flow does not have it any more.</summary>
    /// <param name="flow">The flow; null when it is gone.</param>
    /// <param name="state">The state.</param>
    /// <param name="condition">The name.</param>
    public static FlowCondition? Find(AgentFlowSpec? flow, string state, string condition) =>
        flow is null ? null : Out(flow, state)?.Conditions?.FirstOrDefault(known => known.Name == condition);

    /// <summary>How many transitions are left from a state to <c>done</c>; the order of claims under a shared cap.</summary>
    /// <param name="flow">The flow.</param>
    /// <param name="state">The state.</param>
    public static int StepsToDone(AgentFlowSpec flow, string state)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var steps = 0;
        while (state != FlowStates.Done && steps < flow.Transitions.Count && Out(flow, state) is { } next)
        {
            state = next.To;
            steps++;
        }

        return steps;
    }

    private static FlowTransition? Out(AgentFlowSpec flow, string state) => flow.Transitions.FirstOrDefault(t => t.From == state);

    private static string? Violation(FlowTransition t, HashSet<string> states)
    {
        var name = $"{t.From} -> {t.To}";
        return t.From.Length == 0 || t.To.Length == 0 ? "A transition needs both from and to."
            : IsTerminal(t.From) ? $"{name}: no transition leaves done, failed or cancelled."
            : t.To is FlowStates.Incoming or FlowStates.Failed or FlowStates.Cancelled ? $"{name}: no transition leads to incoming, failed or cancelled."
            : t.To == FlowStates.Done && t.Agent is not null
                ? $"{name}: a claim moves the task to this state, so an agent's transition must not lead to done."
            : t.To != FlowStates.Done && !states.Contains(t.To) ? $"{name}: there is no transition out of {t.To}."
            : (t.Conditions ?? []).Select(condition => Violation(condition, states)).OfType<string>().FirstOrDefault() is { } broken ? $"{name}: {broken}"
            : (t.Conditions ?? []).DistinctBy(condition => condition.Name).Count() < (t.Conditions?.Count ?? 0) ? $"{name}: two conditions have one name."
            : null;
    }

    private static string? Violation(FlowCondition condition, HashSet<string> states)
    {
        var kinds = (condition.Agent is null ? 0 : 1) + (condition.Manual == true ? 1 : 0) + (condition.PullRequestMerged == true ? 1 : 0);
        return kinds != 1 ? $"condition {condition.Name} must be exactly one of agent, manual and pullRequestMerged."
            : condition.OnFail != FlowStates.Failed && !states.Contains(condition.OnFail)
                ? $"onFail of condition {condition.Name} names {condition.OnFail}, which no transition leaves."
            : null;
    }

    /// <summary>A way that a task whose pull request is closed would go without end, for nobody works, reviews or decides on it; null when there is none from a state.</summary>
    private static string? IdleCycleFrom(AgentFlowSpec flow, string state)
    {
        var closed = new TaskPullRequest { State = PullRequestState.Closed };
        var way = new List<string>();
        while (!way.Contains(state))
        {
            way.Add(state);
            switch (Next(flow, state, null, closed))
            {
                case FlowStep.Move { To: var to }: state = to; break;
                case FlowStep.Back { Condition: var condition }: state = condition.OnFail; break;
                default: return null;
            }
        }

        return $"A task whose pull request is closed would go round with nobody at work: {string.Join(" -> ", way)} -> {state}.";
    }

    /// <summary>A way from a state that does not end at <c>done</c>, one sentence; null when it does.</summary>
    private static string? CycleFrom(AgentFlowSpec flow, string state)
    {
        var way = new List<string>();
        while (state != FlowStates.Done)
        {
            way.Add(state);
            state = Out(flow, state)!.To;
            if (way.Contains(state))
            {
                return $"A task would never be done: {string.Join(" -> ", way)} -> {state}.";
            }
        }

        return null;
    }
}
