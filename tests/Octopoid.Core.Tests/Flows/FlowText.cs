using Octopoid.Core.Kinds;

namespace Octopoid.Core.Tests.Flows;

/// <summary>Flows as short lines: <c>from to [role] [name:kind[:onFail]]…</c>, a kind being <c>manual</c>, <c>merged</c> or <c>@role</c>.</summary>
internal static class FlowText
{
    public static AgentFlowSpec Flow(params string[] lines) => new() { Transitions = [.. lines.Select(Transition)] };

    public static AgentFlow Object(string name, AgentFlowSpec spec) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = Given.Namespace, Uid = "uid-" + name, ResourceVersion = "1", Generation = 1 }, Spec = spec,
    };

    private static FlowTransition Transition(string line)
    {
        var words = line.Split(' ');
        var conditions = words[2..].Where(word => word.Contains(':', StringComparison.Ordinal)).Select(Condition).ToList();
        return new FlowTransition
        {
            From = words[0],
            To = words[1],
            Agent = words[2..].FirstOrDefault(word => !word.Contains(':', StringComparison.Ordinal)),
            Conditions = conditions.Count == 0 ? null : conditions,
        };
    }

    private static FlowCondition Condition(string text)
    {
        var parts = text.Split(':');
        var condition = new FlowCondition { Name = parts[0], OnFail = parts.Length > 2 ? parts[2] : FlowStates.Incoming };
        return parts[1] switch
        {
            "manual" => condition with { Manual = true },
            "merged" => condition with { PullRequestMerged = true },
            ['@', .. var role] => condition with { Agent = role },
            _ => condition,
        };
    }
}
