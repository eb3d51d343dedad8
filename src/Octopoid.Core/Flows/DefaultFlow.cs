using Octopoid.Core.Kinds;

namespace Octopoid.Core.Flows;

/// <summary>The flow of a task that names none: an implementer works, then the pull request, if there is one, is merged (DESIGN §2).</summary>
public static class DefaultFlow
{
    /// <summary>Its name, which no AgentFlow needs to bear; one that does takes its place in its namespace.</summary>
    public const string Name = "default";

    /// <summary>Its transitions.</summary>
    public static AgentFlowSpec Spec { get; } = new()
    {
        Transitions =
        [
            new FlowTransition { From = FlowStates.Incoming, To = "claimed", Agent = "implementer" },
            new FlowTransition { From = "claimed", To = "provisional" },
            new FlowTransition
            {
                From = "provisional",
                To = FlowStates.Done,
                Conditions = [new FlowCondition { Name = "merged", PullRequestMerged = true }],
            },
        ],
    };
}
