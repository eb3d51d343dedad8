namespace Octopoid.Cli.Migration;

/// <summary>
/// Old flows found an agent by its name before they looked at roles, so two agents of one role could be told apart: two reviews of one
/// kind, both to be passed. Ours name roles alone. So an agent that was meant by its name, beside others of its role, gets a role of its own.
/// </summary>
internal static class RolesOfTheirOwn
{
    /// <summary>The agents, some of them with other roles.</summary>
    public static IReadOnlyList<ConvertedAgent> Give(IReadOnlyList<ConvertedAgent> agents, IReadOnlyList<LegacyFlowFile> flows, MigrationReport report)
    {
        var named = flows.SelectMany(flow => new[] { flow.Content, flow.Content.Peek("child_flow") as LegacyMap }.OfType<LegacyMap>()).SelectMany(AgentsOf).ToHashSet(StringComparer.Ordinal);
        var others = agents.GroupBy(agent => agent.Role, StringComparer.Ordinal).Where(role => role.Count() > 1).SelectMany(role => role).ToHashSet();
        return [.. agents.Select(agent => others.Contains(agent) && IsMeantAlone(agent) ? Renamed(agent) : agent)];

        bool IsMeantAlone(ConvertedAgent agent) => named.Any(name => name != agent.Role && agent.Names.Contains(name, StringComparer.Ordinal)
        && !others.Any(other => other != agent && other.Role == agent.Role && other.Names.Contains(name, StringComparer.Ordinal)));

        ConvertedAgent Renamed(ConvertedAgent agent)
        {
            var name = agent.Blueprint.Metadata.Name;
            var role = KubernetesNames.Label(name);
            report.Note(agent.Position, $"{name} has the role {role} of its own instead of {agent.Role}, which others serve too.");
            return agent with { Role = role, Blueprint = agent.Blueprint with { Spec = agent.Blueprint.Spec with { Role = role == name ? null : role } } };
        }
    }

    private static IEnumerable<string> AgentsOf(LegacyMap flow) => flow.Peek("transitions") is not LegacyMap transitions ? []
        : transitions.Fields.Select(field => field.Value).OfType<LegacyMap>()
            .SelectMany(step => new LegacyNode?[] { step }.Concat(step.Peek("conditions") is LegacyList conditions ? conditions.Items : []))
            .OfType<LegacyMap>().Select(holder => holder.Peek("agent")).OfType<LegacyScalar>().Select(agent => agent.Text);
}
