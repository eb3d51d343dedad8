using System.Globalization;
using CsCheck;
using Octopoid.Core.Flows;
using Octopoid.Core.Kinds;

namespace Octopoid.Core.Tests.Flows;

/// <summary>Flows of every shape, valid or not, for properties.</summary>
internal static class RandomFlow
{
    private static readonly Gen<FlowCondition> Condition = Gen.Select(Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[-1, 5]).Select((name, kind, onFail) =>
        new FlowCondition
        {
            Name = "c" + name,
            Agent = kind == 0 ? "reviewer" : null,
            Manual = kind == 1 ? true : null,
            PullRequestMerged = kind == 2 ? true : null,
            OnFail = onFail < 0 ? FlowStates.Failed : State(onFail),
        });

    /// <summary>A transition leads to a later state more often than not, or hardly any flow would be valid.</summary>
    private static readonly Gen<FlowTransition> Transition = Gen.Select(Gen.Int[1, 6], Gen.Int[0, 9], Gen.Bool, Condition.Array[0, 3]).Select((ahead, stray, works, conditions) =>
        new FlowTransition { From = stray.ToString(CultureInfo.InvariantCulture), To = ahead.ToString(CultureInfo.InvariantCulture), Agent = works ? "worker" : null, Conditions = conditions });

    /// <summary>Any flow of up to six transitions.</summary>
    public static Gen<AgentFlowSpec> Any { get; } = Transition.Array[1, 6].Select(parts => new AgentFlowSpec
    {
        Transitions = [.. parts.Select((part, i) => Placed(part, i, parts.Length))],
    });

    /// <summary>A flow that breaks no rule.</summary>
    public static Gen<AgentFlowSpec> Valid { get; } = Any.Where(flow => FlowRules.Violation(flow) is null);

    private static FlowTransition Placed(FlowTransition part, int i, int count)
    {
        var (ahead, stray) = (int.Parse(part.To, CultureInfo.InvariantCulture), part.From);
        var to = stray == "0" ? ahead - 1 : i + ahead;
        return part with { From = State(i), To = to >= count ? FlowStates.Done : State(to), Agent = to >= count && stray != "1" ? null : part.Agent };
    }

    private static string State(int i) => i == 0 ? FlowStates.Incoming : $"s{i}";
}
