namespace Octopoid.Core.Kinds;

/// <summary>A person's word that was acted on.</summary>
public sealed record TakenDecision
{
    /// <summary>The run number that the person had looked at.</summary>
    public int? Attempt { get; init; }

    /// <summary>The condition that was meant.</summary>
    public string? Condition { get; init; }

    /// <summary>The word.</summary>
    public DecisionVerdict? Verdict { get; init; }

    /// <summary>What the person had to say.</summary>
    public string? Comment { get; init; }

    /// <summary>What is kept of a decision that is acted on.</summary>
    /// <param name="decision">The decision.</param>
    public static TakenDecision Of(TaskDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return new TakenDecision
        {
            Attempt = decision.Attempt, Condition = decision.Condition, Verdict = decision.Verdict, Comment = decision.Comment,
        };
    }
}
