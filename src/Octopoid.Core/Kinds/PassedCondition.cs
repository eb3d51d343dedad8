namespace Octopoid.Core.Kinds;

/// <summary>A condition of the waiting transition that is met.</summary>
public sealed record PassedCondition
{
    /// <summary>The condition's name in the flow.</summary>
    public string? Condition { get; init; }

    /// <summary>The run number that met it: the review's, or the latest when a person decided.</summary>
    public int? Attempt { get; init; }

    /// <summary>The pull request's head that was judged; another head makes it void.</summary>
    public string? HeadSHA { get; init; }
}
