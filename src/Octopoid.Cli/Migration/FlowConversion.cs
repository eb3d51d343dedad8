using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Cli.Migration;

/// <summary>Makes flows of flow files. Agents are found by name or role, and a merge by steps becomes the wait for one.</summary>
internal sealed class FlowConversion(IReadOnlyList<ConvertedAgent> agents, MigrationReport report)
{
    private const string Merged = "merged";
    private readonly KubernetesNames _names = new(report);

    public IReadOnlyList<AgentFlow> Convert(IReadOnlyList<LegacyFlowFile> files)
    {
        var flows = files.SelectMany(Convert).ToList();
        if (files.Count == 0 && DefaultWithReviews() is { } made)
        {
            flows.Add(made);
        }

        var known = flows.Count > 0 && flows.Any(flow => flow.Metadata.Name == DefaultFlow.Name) ? flows.Select(flow => flow.Spec) : flows.Select(flow => flow.Spec).Prepend(DefaultFlow.Spec);
        var roles = known.SelectMany(FlowRules.Roles).ToHashSet(StringComparer.Ordinal);
        foreach (var agent in agents.Where(agent => !roles.Contains(agent.Role)))
        {
            report.Warn(agent.Position, $"no flow names the role {agent.Role}, so nothing will start {agent.Blueprint.Metadata.Name}.");
        }

        return flows;
    }

    private IEnumerable<AgentFlow> Convert(LegacyFlowFile file)
    {
        var root = file.Content;
        var name = root.Text("name") ?? file.Name;
        if (Flow(root, name, isChild: false) is { } flow)
        {
            yield return flow;
        }

        if (root.Map("child_flow") is { } child && Flow(child, $"{name}-child", isChild: true) is { } childFlow)
        {
            report.Note(child.Position, $"the tasks of a project name their flow by spec.flow: {childFlow.Metadata.Name}.");
            yield return childFlow;
        }
    }

    /// <summary>A flow; null when it breaks the operator's rules, and then it is lost as a whole.</summary>
    private AgentFlow? Flow(LegacyMap root, string name, bool isChild)
    {
        if (root.Map("transitions") is not { } map)
        {
            report.Warn(root.Position, $"the flow {MigrationReport.Printable(name)} has no transitions and is left out.");
            return null;
        }

        var read = map.Fields.Select(field => Step(field)).OfType<(LegacyMap Settings, string From, string To)>().ToList();
        var first = read.DistinctBy(step => step.From).ToList();
        foreach (var (settings, from, _) in read.Except(first))
        {
            report.Lose(settings, $"only the first transition out of {from} was ever taken.");
        }

        var froms = first.Select(step => step.From).ToHashSet(StringComparer.Ordinal);
        var needsMerge = !isChild && first.Any(step => step.Settings.Peek("agent") is not null);
        var spec = new AgentFlowSpec
        {
            Transitions =
            [
                .. first.Select(step => Transition(step.Settings, step.From, step.To, froms, needsMerge)).OrderBy(t => t.From == FlowStates.Incoming ? 0 : 1),
            ],
        };
        if (Violation(spec) is { } violation)
        {
            report.Lose(map, $"the flow {MigrationReport.Printable(name)} is left out. {violation}");
            return null;
        }

        return new AgentFlow { Metadata = new ObjectMeta { Name = _names.Unique(name, root.Position) }, Spec = spec };
    }

    /// <summary>The operator's rules, and those that the schema alone has.</summary>
    private static string? Violation(AgentFlowSpec spec) =>
        spec.Transitions.Count > 64 ? "A flow has at most 64 transitions."
        : spec.Transitions.Any(t => t.Conditions?.Count > 16) ? "A transition has at most 16 conditions."
        : FlowRules.Violation(spec);

    private static (LegacyMap Settings, string From, string To)? Step(LegacyField field)
    {
        var ends = field.Key.Split("->");
        var settings = field.Value switch
        {
            LegacyMap map => map,
            LegacyScalar { IsNull: true } => new LegacyMap([], field.Value.Position, field.Key, field.Value.Path, field.Value),
            _ => throw field.Value.Error("must be a mapping."),
        };
        settings.Use();
        return ends is [var from, var to] && from.Trim().Length > 0 && to.Trim().Length > 0
            ? (settings, KubernetesNames.State(from.Trim()), KubernetesNames.State(to.Trim()))
            : throw field.Value.Position.Error("The key of a transition must be \"FROM -> TO\".");
    }

    private FlowTransition Transition(LegacyMap settings, string from, string to, HashSet<string> froms, bool needsMerge)
    {
        var conditions = new List<FlowCondition>();
        if (settings.Take("conditions") is { } node)
        {
            foreach (var item in node is LegacyList list ? list.Items : throw node.Error("must be a list."))
            {
                if (Condition(item as LegacyMap ?? throw item.Error("must be a mapping."), froms) is { } condition)
                {
                    conditions.Add(condition with { Name = Unique(condition.Name, conditions) });
                }
            }
        }

        if (WaitsForMerge(settings) || (needsMerge && to == FlowStates.Done))
        {
            report.Note(settings.Position, $"{from} -> {to} waits until the task's pull request is merged, by a person or the forge; the step merge_pr is no more.");
            conditions.Add(new FlowCondition { Name = Unique(Merged, conditions), PullRequestMerged = true });
        }

        return new FlowTransition
        {
            From = from,
            To = to,
            Agent = settings.Scalar("agent") is { } agent ? Role(agent) : null,
            Conditions = conditions.Count > 0 ? conditions : null,
        };
    }

    /// <summary>True where the steps merge; that step is placed, the others are not.</summary>
    private bool WaitsForMerge(LegacyMap settings)
    {
        var isMerged = false;
        foreach (var step in settings.Texts("runs"))
        {
            if (step.Text is "merge_pr" or "merge_project_pr")
            {
                step.Use();
                isMerged = true;
            }
            else
            {
                report.Lose(step, NoPlace.Reason(step));
            }
        }

        return isMerged;
    }

    private FlowCondition? Condition(LegacyMap settings, HashSet<string> froms)
    {
        settings.Use();
        var type = settings.Text("type");
        var written = settings.Text("name");
        var name = KubernetesNames.State(written ?? settings.Peek("agent")?.Line ?? type ?? "condition");
        if (written is not null && name != written)
        {
            report.Note(settings.Position, $"the condition {MigrationReport.Printable(written)} is now {name}.");
        }

        var isSkipped = settings.Flag("skip") == true;
        if (isSkipped || type is not ("agent" or "manual") || (type == "agent" && settings.Peek("agent") is null))
        {
            report.Lose(settings, isSkipped ? "a condition that is skipped is none."
                : type == "agent" ? "it names no agent."
                : "a condition is an agent, a person or a merge; let an agent of a role run the script.");
            return null;
        }

        var onFail = settings.Scalar("on_fail");
        var target = onFail is null ? FlowStates.Incoming : KubernetesNames.State(onFail.Text);
        if (onFail is not null && target != FlowStates.Failed && !froms.Contains(target))
        {
            report.Lose(onFail, "no transition leaves this state; the task goes back to incoming.");
            target = FlowStates.Incoming;
        }

        onFail?.Use();
        return new FlowCondition
        {
            Name = name,
            Agent = type == "agent" ? Role(settings.Scalar("agent")!) : null,
            Manual = type == "manual" ? true : null,
            OnFail = target,
        };
    }

    /// <summary>The role of the agent that a flow means by a name, a blueprint's name or a role.</summary>
    private string Role(LegacyScalar agent)
    {
        agent.Use();
        var found = agents.FirstOrDefault(known => known.Blueprint.Metadata.Name == agent.Text)
            ?? agents.FirstOrDefault(known => known.Names.Contains(agent.Text, StringComparer.Ordinal));
        var role = KubernetesNames.Label(agent.Text);
        role = role == "implement" ? "implementer" : role;
        if (found is null && agents.All(known => known.Role != role))
        {
            report.Warn(agent.Position, $"no blueprint serves the role {role}; tasks will wait for it.");
        }

        if ((found?.Role ?? role) != agent.Text)
        {
            report.Note(agent.Position, $"the agent {MigrationReport.Printable(agent.Text)} is the role {found?.Role ?? role}.");
        }

        return found?.Role ?? role;
    }

    /// <summary>Without flow files reviewers took what was provisional by themselves; the built-in flow has no review, so one is made.</summary>
    private AgentFlow? DefaultWithReviews()
    {
        var reviewers = agents.Where(agent => agent.IsReviewer && !agent.Blueprint.Spec.Paused).DistinctBy(agent => agent.Role).ToList();
        if (reviewers.Count == 0)
        {
            return null;
        }

        report.Note(reviewers[0].Position, $"the flow default is made for the reviews by {string.Join(", ", reviewers.Select(agent => agent.Role))}, which took what was provisional.");
        var reviews = reviewers.Select(agent => new FlowCondition { Name = $"{agent.Role}"[..Math.Min(agent.Role.Length, 56)].TrimEnd('-') + "-review", Agent = agent.Role }).ToList();
        return new AgentFlow
        {
            Metadata = new ObjectMeta { Name = DefaultFlow.Name },
            Spec = new AgentFlowSpec
            {
                Transitions =
                [
                    .. DefaultFlow.Spec.Transitions.Select(t => t.To == FlowStates.Done ? t with { Conditions = [.. reviews.Take(15), .. t.Conditions ?? []] } : t),
                ],
            },
        };
    }

    private static string Unique(string name, List<FlowCondition> conditions)
    {
        var unique = name;
        for (var i = 2; conditions.Any(known => known.Name == unique); i++)
        {
            unique = FormattableString.Invariant($"{name[..Math.Min(name.Length, 59)]}-{i}");
        }

        return unique;
    }
}
