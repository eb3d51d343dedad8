namespace Octopoid.Simulation.Tests.Server;

/// <summary>What becomes of a request.</summary>
/// <param name="Kind">In a word.</param>
/// <param name="Arrival">How long it is under way.</param>
/// <param name="Work">How long the server takes.</param>
/// <param name="Return">How long its answer is under way.</param>
internal sealed record Fate(FateKind Kind, TimeSpan Arrival, TimeSpan Work, TimeSpan Return)
{
    /// <summary>The HTTP status of a refusal.</summary>
    public int Code { get; init; }

    /// <summary>What the server asks for with a refusal.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
