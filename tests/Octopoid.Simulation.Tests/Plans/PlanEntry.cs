using System.Globalization;

namespace Octopoid.Simulation.Tests.Plans;

/// <summary>One thing that happens.</summary>
/// <param name="At">When, in seconds.</param>
/// <param name="Kind">What.</param>
internal sealed record PlanEntry(double At, PlanKind Kind)
{
    /// <summary>The task, blueprint or resource concerned.</summary>
    public string Target { get; init; } = "";

    /// <summary>What a task waits for; null for nothing.</summary>
    public string? BlockedBy { get; init; }

    /// <summary>A number, an index, a percentage: as the kind wants it.</summary>
    public int Number { get; init; }

    /// <summary>The flow of a task, a flow's text, a verdict, a trouble: as the kind wants it.</summary>
    public string Word { get; init; } = "";

    /// <summary>The repository of a task; null where its number tells.</summary>
    public string? Repository { get; init; }

    /// <summary>How long it lasts, in seconds.</summary>
    public double Length { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{At,8:0.000} {Kind} {Target} {(BlockedBy is null ? "" : $"blockedBy {BlockedBy} ")}{Number} {Word} {Repository} {(Length != 0 ? $"for {Length:0.000} s" : "")}").TrimEnd();
}
