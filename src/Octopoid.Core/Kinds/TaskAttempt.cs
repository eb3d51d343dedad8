namespace Octopoid.Core.Kinds;

/// <summary>One finished attempt.</summary>
public sealed record TaskAttempt
{
    /// <summary>The run number.</summary>
    public int? Number { get; init; }

    /// <summary>The flow state that it worked in.</summary>
    public string? State { get; init; }

    /// <summary>The condition that it reviewed; null where it was no review.</summary>
    public string? Condition { get; init; }

    /// <summary>The blueprint whose agent it was.</summary>
    public string? Blueprint { get; init; }

    /// <summary>Its Job.</summary>
    public string? Job { get; init; }

    /// <summary>When it was claimed.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>When it was found to have ended.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>How it ended.</summary>
    public AttemptOutcome? Outcome { get; init; }

    /// <summary>Whose failure it was; null where it did not fail.</summary>
    public FailureClass? Class { get; init; }

    /// <summary>Why, as one word.</summary>
    public string? Reason { get; init; }

    /// <summary>The branch that it worked on.</summary>
    public string? Branch { get; init; }

    /// <summary>The head of the branch after it.</summary>
    public string? HeadSHA { get; init; }

    /// <summary>Commits that it added.</summary>
    public int? Commits { get; init; }

    /// <summary>Turns that it took.</summary>
    public int? Turns { get; init; }

    /// <summary>Tokens that it used.</summary>
    public TokenUsage? Tokens { get; init; }

    /// <summary>What it cost, in US dollars, as a decimal number: sums of binary fractions would drift.</summary>
    public string? CostUSD { get; init; }
}
